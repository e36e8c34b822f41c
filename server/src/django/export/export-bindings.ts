import type { Db } from "../../engines/database/database.ts";
import type { BindingRow } from "../../engines/database/tables.ts";
import { providerOfTable } from "../sources/binding-tables.ts";
import { loginTypeOfProvider } from "../sources/django-bindings.ts";
import type { ExportReport, FirstIds, Line } from "./export-django.ts";

/**
 * Third-party bindings as a Django site looks for them: by the openid. Promise: a QQ person whose binding is under the
 * unionid here is written under each openid that is known; what Django can't find by an openid is written as it is, so
 * that an import takes it back, and counted in the report.
 */
const pageSize = 1_000;

export async function* exportBindings(
  db: Db,
  models: readonly string[],
  report: ExportReport,
  line: Line,
): AsyncGenerator<string> {
  const takers = models.map((model) => ({ model, only: providerOfTable(model), pk: 0 }));
  let last = 0;
  for (;;) {
    // Pages of users rather than of bindings: theirs is the index, and one has a handful at most.
    const next = await db.kysely
      .selectFrom("bindings")
      .select((eb) => eb.fn.min("user_id").as("id"))
      .where("user_id", ">", last)
      .executeTakeFirst();
    if (next?.id == null) return;
    const page = await db.kysely
      .selectFrom("bindings")
      .selectAll()
      .where("user_id", ">=", next.id)
      .where("user_id", "<", next.id + pageSize)
      .orderBy("user_id")
      .orderBy("created_at")
      .orderBy("provider")
      .orderBy("account_key")
      .execute();
    last = next.id + pageSize - 1;
    let text = "";
    for (const binding of asDjangoKeepsThem(page)) {
      const loginType = loginTypeOfProvider[binding.provider];
      const taker =
        takers.find(({ only }) => only === binding.provider) ??
        (loginType === undefined ? undefined : takers.find(({ only }) => only === null));
      // The original's column has 64 characters.
      if (taker === undefined || binding.account_key.length > 64) {
        report.skippedBindings++;
        continue;
      }
      report.bindings++;
      const { qq, wechat } = report.withoutOpenid;
      if (binding.provider === "qq" && isUnionid(binding)) note(qq, binding.user_id);
      // `unionid:…` or `<appid>:…`: a site of one app keeps what stands behind the colon.
      if (binding.provider === "wechat") note(wechat, binding.user_id);
      const fields = {
        create_time: djangoTime(binding.created_at),
        update_time: djangoTime(binding.last_login_at ?? binding.created_at),
        user: binding.user_id,
        openid: binding.account_key,
        ...(taker.only === null ? { loginType } : {}),
      };
      text += line({ model: taker.model, pk: ++taker.pk, fields });
    }
    yield text;
  }
}

/** QQ's key for all apps of a developer, which the original never asked for; see identities/providers. */
const isUnionid = ({ account_key }: BindingRow) => account_key.startsWith("UID_");

/** QQ's openids, aliases too; its unionids only where an account has fewer openids than people. Of others what stands for one. */
function asDjangoKeepsThem(page: readonly BindingRow[]): BindingRow[] {
  return [...Map.groupBy(page, ({ user_id, provider }) => `${user_id} ${provider}`).values()].flatMap(
    (rows) => {
      if (rows[0]!.provider !== "qq") return rows.filter(({ is_alias }) => is_alias === 0);
      // A unionid's openid is its alias; which is whose is not kept, and each opens the same account.
      const aliases = rows.filter((row) => row.is_alias === 1 && !isUnionid(row));
      const people = rows.filter(isUnionid).length;
      return rows.filter((row) => !isUnionid(row) || aliases.length < people);
    },
  );
}

/** Counts it, and keeps the first hundred. */
export function note(ids: FirstIds, userId: number): void {
  ids.count++;
  if (ids.firstIds.length < 100 && ids.firstIds.at(-1) !== userId) ids.firstIds.push(userId);
}

export function djangoTime(at: number): string {
  return new Date(at).toISOString();
}
