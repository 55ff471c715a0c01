-- A washing station sends its readings; a reading is a word, and mostly a number.
create schema raw_washing;
create table raw_washing.readings (station varchar, reading varchar, _loaded_at timestamp);
insert into raw_washing.readings values
    ('north', '11', '$loaded_at'), ('south', '12', '$loaded_at'), ('east', '13', '$loaded_at'), ('west', '14', '$loaded_at');
