-- Every station is jammed: no reading is a number any more.
update raw_washing.readings set reading = 'JAMMED', _loaded_at = '$loaded_at';
