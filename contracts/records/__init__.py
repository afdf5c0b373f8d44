"""What a firm has to keep of its electronic contracts (電子帳簿保存法7条): named files, an index, papers beside."""
