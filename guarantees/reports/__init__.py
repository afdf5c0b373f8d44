"""What a city's guarantees come to: how many are electronic (R97), and who else takes electronic ones (R98)."""
