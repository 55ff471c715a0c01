update raw_roasting.cuppings set taster = case when cupping_id % 2 = 0 then 'Ines' else 'Tomas' end where taster is null;
