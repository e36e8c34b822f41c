import { readFileSync, statSync } from "node:fs";
import type { User } from "../../accounts/record.ts";
import { misfits } from "../../kernel/schema/check-payload.ts";
import Type from "../../kernel/schema/schema.ts";
import type { ManageContext } from "../command/contexts.ts";
import type { Progress } from "../terminal/progress.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { makeAccount, type Wanted } from "./make-account.ts";

/**
 * `user seed <file.json>`: the groups and accounts that an installation begins with. Safe to run again, and in production:
 * an account that is there stays as it is, whatever the file says; a file holds no passwords, and makes no superuser
 * (attack: a file from a repository that everybody may change); all of it is made, or nothing.
 */
const texts = Type.Array(Type.String());
const Account = Type.Object(
  {
    username: Type.String(),
    email: Type.Optional(Type.String()),
    mobile: Type.Optional(Type.String()),
    first_name: Type.Optional(Type.String()),
    last_name: Type.Optional(Type.String()),
    nickname: Type.Optional(Type.String()),
    fields: Type.Optional(Type.Record(Type.String(), Type.Any())),
    is_staff: Type.Optional(Type.Boolean()),
    groups: Type.Optional(texts),
    permissions: Type.Optional(texts),
  },
  { additionalProperties: false },
);
const Group = Type.Object(
  { name: Type.String(), permissions: Type.Optional(texts) },
  { additionalProperties: false },
);
const Seed = Type.Object(
  { groups: Type.Optional(Type.Array(Group)), accounts: Type.Array(Account) },
  { additionalProperties: false },
);

interface SeedAccount extends Pick<Wanted, "username" | "groups" | "permissions"> {
  readonly email?: string;
  readonly mobile?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly nickname?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly is_staff?: boolean;
}

interface SeedFile {
  readonly groups?: readonly { readonly name: string; readonly permissions?: readonly string[] }[];
  readonly accounts: readonly SeedAccount[];
}

export interface Seeded {
  /** Groups and accounts that were made, by name. */
  readonly groups: readonly string[];
  readonly made: readonly string[];
  /** Accounts that were there already. */
  readonly there: readonly string[];
}

const mostBytes = 10_000_000;

/** Throws a CommandFailure where the file can't be read or says what it may not. */
export function readSeed(file: string): SeedFile {
  let value: unknown;
  try {
    if (statSync(file).size > mostBytes) throw new Error("too large");
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const [zh, en] =
      code === undefined ? ["不是 JSON，或超过 10 MB", "no JSON, or above 10 MB"] : [code, code];
    throw new CommandFailure(`无法读取 ${file}：${zh}。`, `${file} can't be read: ${en}.`);
  }
  const problems = misfits(Seed, value);
  if (problems.length === 0) return value as SeedFile;
  const hint = problems.some((one) => /password|is_superuser/.test(one));
  throw new CommandFailure(
    `${file}：${problems.slice(0, 10).join("；")}。${hint ? "文件中不能有密码和超级用户：密码由本人用“忘记密码”设置，超级用户用 createsuperuser 创建。" : ""}`,
    `${file}: ${problems.slice(0, 10).join("; ")}.${hint ? " It holds no passwords and no superusers: owners set theirs by “forgotten password”, and createsuperuser makes those." : ""}`,
  );
}

export function seedAccounts(context: ManageContext, seed: SeedFile, progress: Progress): Promise<Seeded> {
  const { db, groups, passwords } = context;
  return db.transaction(
    async (transaction) => {
      const seeded = { groups: [] as string[], made: [] as string[], there: [] as string[] };
      for (const { name, permissions = [] } of seed.groups ?? []) {
        if ((await groups.byName(name, transaction)) !== null) continue;
        const { id } = await groups.add(transaction, { name, permissions });
        await context.audit.record(transaction, context.actor, {
          ...{ action: "group.create", targetKind: "group", targetId: id, target: name },
          ...{ before: {}, after: { name, permissions } },
        });
        seeded.groups.push(name);
      }
      for (const account of seed.accounts) {
        const found = await context.users.byLoginName(account.username, transaction);
        if (found !== null) {
          refuseOther(found, account);
          seeded.there.push(account.username);
          continue;
        }
        await makeAccount(context, transaction, wantedOf(account), passwords.unusable());
        seeded.made.push(account.username);
        progress.report("writing", seeded.made.length + seeded.there.length, seed.accounts.length);
      }
      return seeded;
    },
    { untimed: true },
  );
}

function wantedOf({ email, is_staff, ...account }: SeedAccount): Wanted {
  return { ...account, email: email ?? null, ...(is_staff === true && { is_staff: 1 as const }) };
}

/** Another account has the name as its address or number: nobody would look for the accident there. */
function refuseOther(found: User, { username }: SeedAccount): void {
  if (found.username.toLowerCase() === username.toLowerCase()) return;
  throw new CommandFailure(
    `${username} 已是账号 #${found.id} 的邮箱或手机号。`,
    `${username} is the address or number of account #${found.id}.`,
  );
}
