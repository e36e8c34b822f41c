/** SQLite's extended code for it, and PostgreSQL's SQLSTATE. */
const sqliteForeignKey = 787;
const postgresForeignKey = "23503";

/** Whether a row was refused because what it refers to, an account say, is gone: somebody removed it at the same moment. */
export function refersToNothing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
  return code === postgresForeignKey || errcode === sqliteForeignKey;
}
