import type { ShownUser } from "../../accounts/record.ts";
import type { ExportFilter } from "../../admin/user-export.ts";
import { listUsers } from "../../admin/user-list.ts";
import type { ManageContext } from "../command/contexts.ts";

const pageSize = 200;

/** Every account that fits the filters of the console's list, page by page, by ascending id. */
export async function* matchingUsers(
  { db, config }: Pick<ManageContext, "db" | "config">,
  filter: ExportFilter,
): AsyncGenerator<readonly ShownUser[], void, undefined> {
  for (let after: number | null = 0; after !== null; ) {
    const page = await listUsers(db, { ...filter, after, limit: pageSize }, config.secondFactorPolicy.rules);
    yield page.rows;
    after = page.next;
  }
}
