create table article (
	id integer primary key,
	name text not null
);
