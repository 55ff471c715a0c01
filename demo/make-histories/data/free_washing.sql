update raw_washing.readings set reading = '10', _loaded_at = '$loaded_at';
