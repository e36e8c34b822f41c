import type { Db } from "../../engines/database/database.ts";
import { readArguments, UsageError, wrongNumber } from "../terminal/read-arguments.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { type Command, type ManageContext, show, unknownVerb } from "./command.ts";
import { findAccount } from "./find-account.ts";

/** Groups and permissions from the command line, for the first steps before anyone can log in to administer. */
export const group: Command = {
  usage: "group list|show|create|delete|grant|revoke|add|remove … [--json]",
  zh: "用户组：查看、创建、删除、授予或收回权限、加入或移出成员",
  en: "groups: list, show, create, delete, grant or revoke permissions, add or remove members",
  details: {
    zh: `  group list
  group show|delete <用户组>
  group create <用户组> [<app.codename>…]
  group grant|revoke <用户组> <app.codename>…
  group add|remove <用户组> <账号>…`,
    en: `  group list
  group show|delete <group>
  group create <group> [<app.codename>…]
  group grant|revoke <group> <app.codename>…
  group add|remove <group> <account>…`,
  },
  async run(context, args) {
    const { values, positionals } = readArguments(args, { json: { type: "boolean" } }, { min: 1, max: 100 });
    const [verb, name, ...rest] = positionals as [string, string | undefined, ...string[]];
    const { terminal, groups } = context;
    checkWords(verb, name, rest);
    if (verb === "list") {
      const list = await groups.list();
      show(
        terminal,
        values.json,
        list,
        list.map((row) => `${String(row.id).padStart(5)} ${row.name}`).join("\n"),
      );
      return 0;
    }
    if (name === undefined) throw new UsageError("请写明用户组。", "Which group?");
    if (verb === "create") {
      if (name.trim() === "" || name.length > groupNameLength) {
        throw new CommandFailure(
          `用户组的名称须为 1 到 ${groupNameLength} 个字符。`,
          `A group's name has 1 to ${groupNameLength} characters.`,
        );
      }
      const made = await context.db.transaction(async (transaction) => {
        const fresh = await groups.create(transaction, { name, permissions: rest });
        await record(
          context,
          transaction,
          "group.create",
          fresh,
          {},
          { name, permissions: fresh.permissions },
        );
        return fresh;
      });
      show(terminal, values.json, made, `${made.id} ${made.name}`);
      return 0;
    }
    const found = await groups.byName(name);
    if (found === null) throw new CommandFailure(`没有用户组 ${name}。`, `There is no group ${name}.`);
    if (verb === "delete") {
      await context.db.transaction(async (transaction) => {
        await groups.remove(transaction, found.id);
        await record(context, transaction, "group.delete", found, { name }, {});
      });
      show(terminal, values.json, found, terminal.language === "zh" ? "已删除。" : "Deleted.");
      return 0;
    }
    if (verb === "grant" || verb === "revoke") await regrant(context, found.id, verb, rest);
    else if (verb === "add" || verb === "remove") await members(context, found, verb, rest);
    const now = await groups.byId(found.id);
    show(terminal, values.json, now, [`${now.id} ${now.name}`, ...now.permissions].join("\n  "));
    return 0;
  },
};

const groupNameLength = 150;

/** How many words each verb takes after the group's name. */
const wordsAfter: Readonly<Record<string, { min: number; max: number }>> = {
  list: { min: 0, max: 0 },
  show: { min: 0, max: 0 },
  create: { min: 0, max: 100 },
  delete: { min: 0, max: 0 },
  grant: { min: 1, max: 100 },
  revoke: { min: 1, max: 100 },
  add: { min: 1, max: 100 },
  remove: { min: 1, max: 100 },
};

/** A word too many is refused, not left out: whoever wrote `group delete a b` meant both. */
function checkWords(verb: string, name: string | undefined, rest: readonly string[]): void {
  const words = Object.hasOwn(wordsAfter, verb) ? wordsAfter[verb] : undefined;
  if (words === undefined) throw unknownVerb(verb);
  if (verb === "list" && name !== undefined) throw wrongNumber();
  if (name !== undefined && (rest.length < words.min || rest.length > words.max)) throw wrongNumber();
}

async function regrant(
  context: ManageContext,
  id: number,
  verb: "grant" | "revoke",
  names: readonly string[],
) {
  await context.db.transaction(async (transaction) => {
    const before = await context.groups.byId(id, transaction);
    const permissions = new Set(before.permissions);
    for (const name of names) {
      if (verb === "grant") permissions.add(name);
      else if (!permissions.delete(name)) {
        throw new CommandFailure(
          `用户组 ${before.name} 没有权限 ${name}。`,
          `The group ${before.name} has no permission ${name}.`,
        );
      }
    }
    const after = await context.groups.change(transaction, id, { permissions: [...permissions] });
    const lists = [{ permissions: before.permissions }, { permissions: after.permissions }] as const;
    await record(context, transaction, "group.change", before, ...lists);
  });
}

async function members(
  context: ManageContext,
  found: { id: number; name: string },
  verb: "add" | "remove",
  accounts: readonly string[],
) {
  await context.db.transaction(async (transaction) => {
    for (const name of accounts) {
      const user = await findAccount(context.users, name, transaction);
      const before = await context.groups.ofUser(user.id, transaction);
      const ids = before.map((row) => row.id).filter((id) => id !== found.id);
      const after = await context.groups.setOfUser(
        transaction,
        user.id,
        verb === "add" ? [...ids, found.id] : ids,
      );
      await context.audit.record(transaction, context.actor, {
        ...{ action: "user.groups", targetKind: "user", targetId: user.id, target: user.username },
        before: { groups: before.map((row) => row.name) },
        after: { groups: after.map((row) => row.name) },
      });
    }
  });
}

async function record(
  { audit, actor }: ManageContext,
  transaction: Db,
  action: string,
  target: { id: number; name: string },
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
) {
  const about = { targetKind: "group", targetId: target.id, target: target.name } as const;
  await audit.record(transaction, actor, { action, ...about, before, after });
}
