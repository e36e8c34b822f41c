import pg from "pg";
import { expect, it } from "vitest";
import { AppError } from "../../errors/errors.ts";
import { breaksConnection, translated } from "./postgres-errors.ts";

function fromServer(code: string, message: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError(message, 0, "error"), { code });
}

it.each([
  ["08P01", "unsupported startup parameter: statement_timeout"],
  ["08P01", "unsupported startup parameter in options: statement_timeout"],
  ["28P01", 'password authentication failed for user "meiduo"'],
  ["3D000", 'database "meiduo" does not exist'],
  ["23505", "duplicate key value violates unique constraint"],
])("%s %s is no passing failure: it keeps its own words", (code, message) => {
  const error = fromServer(code, message);
  expect(translated(error)).toBe(error);
});

// PgBouncer gives everything it says itself the state 08P01.
it.each([
  ["08P01", "query_wait_timeout"],
  ["08P01", "server conn crashed?"],
  ["08P01", "database shutdown"],
  ["08006", "connection_failure"],
  ["53300", "sorry, too many clients already"],
  ["57P01", "terminating connection due to administrator command"],
])("%s %s passes: 503, and the connection is not used again", (code, message) => {
  const error = fromServer(code, message);
  expect(translated(error)).toMatchObject({ code: "unavailable", retryAfterSeconds: 2, cause: error });
  expect(translated(error)).toBeInstanceOf(AppError);
  expect(breaksConnection(error)).toBe(true);
});
