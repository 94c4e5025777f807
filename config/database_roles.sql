-- Run once as a superuser, before the first migration. One statement ends at each semicolon that ends a line.
CREATE ROLE infusion_owner LOGIN;
CREATE ROLE infusion_app LOGIN;
CREATE DATABASE infusion OWNER infusion_owner;
REVOKE ALL ON DATABASE infusion FROM PUBLIC;
GRANT CONNECT ON DATABASE infusion TO infusion_app;
