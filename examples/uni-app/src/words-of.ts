import { ApiError } from "@meiduo/client";

/** What the server said against it, for people. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  return error.fields[0]?.message ?? error.message;
}
