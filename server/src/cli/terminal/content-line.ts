import type { TableContent } from "../../engines/database/table-rows.ts";

/** What a command found in a table: its rows, and the beginning of their checksum. */
export function contentLine({ table, rows, checksum }: TableContent): string {
  return `${table.padEnd(24)} ${String(rows).padStart(10)} rows  sha256 ${checksum.slice(0, 16)}`;
}
