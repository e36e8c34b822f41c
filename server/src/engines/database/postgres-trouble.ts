import { ToldError } from "../../errors/told-error.ts";
import type { DatabaseSettings } from "./settings.ts";

/**
 * What an operator can put right about a PostgreSQL that answers, with the line to run; null for anything else. Shows
 * role, schema and database, never a password. SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function explainPostgres(error: unknown, url: string): ToldError | null {
  const { code, message } = serverError(error);
  const { role, database } = partsOf(url);
  switch (code) {
    case "42501":
      return denied(message, role);
    case "3F000":
      return new ToldError(
        `账号 ${role} 没有可建表的结构（search_path 为空，或无权使用）：请由数据库所有者执行 GRANT USAGE, CREATE ON SCHEMA public TO "${role}"; ALTER ROLE "${role}" SET search_path = public;`,
        `The role ${role} has no schema to make tables in (an empty search_path, or no right to it): as the database's owner run GRANT USAGE, CREATE ON SCHEMA public TO "${role}"; ALTER ROLE "${role}" SET search_path = public;`,
      );
    case "3D000":
      return new ToldError(
        `数据库 ${database} 不存在：请执行 createdb -O ${role} ${database}，或检查 DATABASE_URL。`,
        `There is no database ${database}: run createdb -O ${role} ${database}, or check DATABASE_URL.`,
      );
    case "28000":
    case "28P01":
      return new ToldError(
        `PostgreSQL 不接受账号 ${role}：请检查 DATABASE_URL 的账号和密码（特殊字符须百分号编码）；没有此账号时执行 createuser --pwprompt ${role}。`,
        `PostgreSQL doesn't take the role ${role}: check role and password in DATABASE_URL (special characters percent-encoded); where there is no such role, run createuser --pwprompt ${role}.`,
      );
    case "25006":
      return new ToldError(
        `数据库是只读的（备机，或 default_transaction_read_only = on）：请在 DATABASE_URL 中填写主库，或执行 ALTER ROLE "${role}" SET default_transaction_read_only = off;`,
        `The database is read-only (a standby, or default_transaction_read_only = on): name the primary in DATABASE_URL, or run ALTER ROLE "${role}" SET default_transaction_read_only = off;`,
      );
    case "26000":
    case "42P05":
      return new ToldError(
        "数据库前的连接池不支持预编译语句：请按 docs/scaling.md 中的 “PgBouncer” 设置 max_prepared_statements。",
        'What stands before the database loses prepared statements: set max_prepared_statements as "PgBouncer" in docs/scaling.md says.',
      );
    default:
      return null;
  }
}

/** Does the work on that database; what goes wrong there and an operator can put right becomes a ToldError. */
export async function explained<Result>(
  { database }: DatabaseSettings,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw (database.engine === "postgres" ? explainPostgres(error, database.url) : null) ?? error;
  }
}

/** `permission denied for schema public`, `… for table users`, `must be owner of table users`. */
function denied(message: string, role: string): ToldError {
  const [, kind = "schema", name = "public"] =
    /(?:for|of) (schema|table|sequence|database) "?([^"]+?)"?$/.exec(message) ?? [];
  const line =
    kind === "schema"
      ? `GRANT USAGE, CREATE ON SCHEMA "${name}" TO "${role}";`
      : message.startsWith("must be owner")
        ? `ALTER TABLE "${name}" OWNER TO "${role}";`
        : `GRANT ALL ON ALL TABLES IN SCHEMA public TO "${role}"; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "${role}";`;
  return new ToldError(
    `账号 ${role} 的权限不足（${message}）：请由所有者执行 ${line}`,
    `The role ${role} may not do what the product needs (${message}): as the owner run ${line}`,
  );
}

/** The server's own, also under the 503 that requests make of it. */
function serverError(error: unknown): { code: string; message: string } {
  const { code, message, cause } = (error ?? {}) as { code?: string; message?: string; cause?: unknown };
  return code === "unavailable" && cause ? serverError(cause) : { code: code ?? "", message: message ?? "" };
}

function partsOf(url: string): { role: string; database: string } {
  const { username, pathname } = new URL(url);
  const role = decodeURIComponent(username) || "postgres";
  return { role, database: decodeURIComponent(pathname.slice(1)) || role };
}
