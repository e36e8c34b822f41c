/**
 * `npm run seed`: accounts to try everything with, made or set back to what is printed. Their passwords follow from this
 * installation's key: the same at each run, and nobody's who doesn't have the key.
 *
 *     npm run seed             refuses where the database holds other people's accounts
 *     npm run seed -- --yes    there, too
 */
import { createHmac } from "node:crypto";
import type { User } from "../server/src/accounts/record.ts";
import { changeUser, setPassword } from "../server/src/accounts/user-change.ts";
import { listUsers } from "../server/src/admin/user-list.ts";
import { createApp } from "../server/src/app/app.ts";
import type { App } from "../server/src/app/app-interface.ts";
import { migrateDatabase } from "../server/src/app/engines.ts";
import { createAudit } from "../server/src/audit/audit.ts";
import type { Db } from "../server/src/engines/database/database.ts";
import { databaseLine } from "../server/src/engines/database/database-in-use.ts";
import { ToldError } from "../server/src/errors/told-error.ts";
import { systemClock as clock } from "../server/src/kernel/clock.ts";
import { explainDevFailure, makeDevContext, readDevSource } from "./dev-settings.ts";
import { readTool } from "./read-options.ts";
import { bindInSandbox, boundPerson, isImitated, withSandbox } from "./seed-binding.ts";

interface Sketch {
  readonly username: string;
  readonly zh: string;
  readonly en: string;
  readonly is_staff?: 1;
  readonly is_superuser?: 1;
  /** Names of what it may do. */
  readonly permissions?: readonly string[];
}

const boundName = "bound";
const sketches: readonly Sketch[] = [
  { username: "ordinary", zh: "普通用户", en: "ordinary" },
  {
    username: "staff",
    zh: "职员，可查看账号",
    en: "staff, may see accounts",
    is_staff: 1,
    permissions: ["users.view_user"],
  },
  { username: "superuser", zh: "超级用户", en: "superuser", is_staff: 1, is_superuser: 1 },
  { username: boundName, zh: "绑定了沙箱中的 QQ", en: "bound to QQ in the sandbox" },
];
/** Nobody has an address there (RFC 2606): with the user name it shows that an account is one of these. */
const emailOf = (username: string) => `${username}@seed.example`;
const actor = { id: null, name: "npm run seed", requestId: null };
const operator = { client: "command line", account: null };

await main().catch((error: unknown) => {
  process.stderr.write(`${explainDevFailure(error)}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { yes: isSure } = readTool("seed").values;
  const context = makeDevContext(readDevSource(), "npm run seed");
  const { config } = context;
  process.stderr.write(`${databaseLine(config)}\n`);
  await migrateDatabase(config, clock);
  await withSandbox(config, async (sandboxOrigin) => {
    const app = await createApp(context, { sandboxOrigin });
    try {
      await app.api.ready();
      if (!isSure) await refuseOthers(app);
      process.stdout.write("Log-ins 登录账号\n");
      for (const sketch of sketches) {
        const password = passwordOf(config.secretKey, sketch.username);
        const done = (await give(app, sketch, password)) ? "made 已创建" : "set back 已恢复";
        process.stdout.write(
          `  ${sketch.username.padEnd(9)}  ${password}  ${done}: ${sketch.en} ${sketch.zh}\n`,
        );
      }
      if (isImitated(config)) {
        await bindInSandbox(app, boundName, passwordOf(config.secretKey, boundName));
        process.stdout.write(`  QQ, ${boundPerson.nickname} → ${boundName}\n`);
      } else {
        process.stderr.write(
          `QQ is not imitated here: ${boundName} has no binding. 此处没有 QQ 沙箱：${boundName} 未绑定。\n`,
        );
      }
    } finally {
      await app.close();
    }
  });
}

/** Fifteen letters and digits that nobody mistakes for each other, of an HMAC: some 74 bits. */
function passwordOf(secretKey: string, username: string): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const bytes = createHmac("sha256", secretKey).update(`npm run seed\0${username}`).digest().subarray(0, 15);
  return [...bytes].map((byte) => letters[byte % letters.length]).join("");
}

/** Attack: a person who runs it beside a site with people on it would give it accounts that others didn't ask for. */
async function refuseOthers({ db }: App): Promise<void> {
  const { rows: found } = await listUsers(db, { limit: sketches.length + 1 });
  const isOwn = ({ username, email }: { username: string; email: string | null }) =>
    sketches.some((sketch) => sketch.username === username) && email === emailOf(username);
  if (found.every(isOwn)) return;
  throw new ToldError(
    "数据库中有其他人的账号：确实要在其中创建这些账号时，请用 npm run seed -- --yes。",
    "The database holds other people's accounts: to add these all the same, npm run seed -- --yes.",
  );
}

/** Makes the account, or gives it back what it had when it was made; true when it was made. */
async function give(
  { db, users, passwords, groups }: App,
  sketch: Sketch,
  password: string,
): Promise<boolean> {
  const { username, is_staff = 0, is_superuser = 0, permissions = [] } = sketch;
  const hash = await passwords.hash(password, operator);
  const email = emailOf(username);
  const audit = createAudit({ db, clock });
  return db.transaction(async (transaction) => {
    const before = await users.byLoginName(username, transaction);
    if (before !== null && before.email !== email) throw taken(username);
    const flags = { is_staff, is_superuser } as const;
    const target =
      before ?? (await addUser(users, transaction, { username, email, password_hash: hash, ...flags }));
    if (before !== null) {
      await changeUser(transaction, clock, before.id, { ...flags, is_active: 1 });
      await setPassword(transaction, clock, before.id, hash);
    }
    await groups.grantToUser(transaction, target.id, permissions);
    await audit.record(transaction, actor, {
      ...{
        action: before === null ? "user.create" : "user.change",
        before: {},
        after: { username, ...flags },
      },
      ...{ targetKind: "user", targetId: target.id, target: username },
    });
    return before === null;
  });
}

async function addUser(
  users: App["users"],
  transaction: Db,
  user: Parameters<App["users"]["add"]>[1],
): Promise<User> {
  const created = await users.add(transaction, { ...user, email_verified: 1 }, "operator");
  if ("taken" in created) throw taken(user.username);
  return created;
}

function taken(username: string): ToldError {
  return new ToldError(
    `${username} 已是他人的账号：请先改名（npm run manage -- user rename）。`,
    `${username} is somebody's account already: rename it first (npm run manage -- user rename).`,
  );
}
