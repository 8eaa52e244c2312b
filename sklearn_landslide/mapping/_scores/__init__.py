"""What later landslides say of a finished map."""
