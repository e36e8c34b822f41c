import { DatabaseSync } from "node:sqlite";

/** The tables the original's migrations make, without their indexes. */
export const djangoSchema = `
  create table django_content_type (id integer primary key, app_label varchar(100), model varchar(100));
  create table auth_permission (id integer primary key, content_type_id integer, codename varchar(100), name varchar(255));
  create table auth_group (id integer primary key, name varchar(150));
  create table auth_group_permissions (id integer primary key, group_id integer, permission_id integer);
  create table tb_users (id integer primary key, password varchar(400), last_login varchar(40), is_superuser integer,
    username varchar(400), first_name varchar(400), last_name varchar(400), email varchar(400), is_staff integer,
    is_active integer, date_joined varchar(40), mobile varchar(40));
  create table tb_users_groups (id integer primary key, user_id integer, group_id integer);
  create table tb_users_user_permissions (id integer primary key, user_id integer, permission_id integer);
  create table tb_oauth_user (id integer primary key, create_time varchar(40), update_time varchar(40), openid varchar(400),
    user_id integer, "loginType" varchar(1));
`;

export interface DjangoUser {
  id: number;
  username: string;
  password?: string;
  email?: string;
  mobile?: string;
  first_name?: string;
  last_login?: string | null;
  date_joined?: string;
}

/** A Django database in a file, to be filled with rows that no well-behaved site would have. */
export function djangoDatabase(file: string) {
  const database = new DatabaseSync(file);
  database.exec(djangoSchema);
  const insert = database.prepare(
    "insert into tb_users values (:id, :password, :last_login, 0, :username, :first_name, '', :email, 0, 1, :date_joined, :mobile)",
  );
  return {
    exec: (sql: string) => database.exec(sql),
    user(user: DjangoUser) {
      insert.run({
        password: "!unusable",
        email: "",
        mobile: "",
        first_name: "",
        last_login: null,
        date_joined: "2026-11-22 15:33:10.266128",
        ...user,
      });
    },
    close: () => database.close(),
  };
}
