"""Files written piece by piece, whatever their length: CSV, workbooks and ZIP archives."""
