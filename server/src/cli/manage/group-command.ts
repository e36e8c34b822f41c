import { createLimits } from "../../admin/administrator.ts";
import { createGroupAdmin } from "../../admin/group-admin.ts";
import { GroupChange } from "../../admin/group-admin-routes.ts";
import type { Db } from "../../engines/database/database.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { findAccount } from "./find-account.ts";
import { findGroup } from "./find-group.ts";
import { setMember } from "./group-members.ts";
import { readBody } from "./read-body.ts";

/** Groups and permissions from the command line, for the first steps before anyone can log in to administer. */
const groupWord = { zh: "<用户组>", en: "<group>" } as const;
const withAccounts = { zh: "<用户组> <账号>…", en: "<group> <account>…" } as const;
const withPermissions = { zh: "<用户组> <app.codename>…", en: "<group> <app.codename>…" } as const;

export const group: Command = defineCommand({
  name: "group",
  group: "people",
  needs: "database",
  json: true,
  zh: "用户组及其权限和成员",
  en: "groups, their permissions and their members",
  verbs: {
    list: { zh: "全部用户组", en: "all groups" },
    show: { words: groupWord, zh: "用户组及其权限", en: "a group and its permissions" },
    create: {
      words: { zh: "<用户组> [<app.codename>…]", en: "<group> [<app.codename>…]" },
      zh: "创建，可同时授予权限",
      en: "makes one, with permissions",
    },
    rename: {
      words: { zh: "<用户组> <新名称>", en: "<group> <new-name>" },
      zh: "改名",
      en: "gives it another name",
    },
    delete: { words: groupWord, zh: "删除", en: "deletes one" },
    grant: { words: withPermissions, zh: "授予权限", en: "grants it permissions" },
    revoke: { words: withPermissions, zh: "收回权限", en: "takes permissions from it" },
    add: { words: withAccounts, zh: "加入成员", en: "adds accounts to it" },
    remove: { words: withAccounts, zh: "移出成员", en: "removes accounts from it" },
  },
  async run(context, { verb, words: [name = "", ...rest], json }) {
    const { terminal, groups } = context;
    if (verb === "list") {
      const rows = await groups.list();
      const lines = rows.map((row) => `${String(row.id).padStart(5)} ${row.name}`);
      show(terminal, json, rows, lines.join("\n"));
      return 0;
    }
    if (verb === "create") {
      const made = await addGroup(context, name, rest);
      show(terminal, json, made, `${made.id} ${made.name}`);
      return 0;
    }
    const found = await findGroup(groups, name);
    if (verb === "delete") {
      await groups.empty(found.id);
      await context.db.transaction(async (transaction) => {
        await groups.remove(transaction, found.id);
        await record(context, transaction, "group.delete", found, { name }, {});
      });
      show(terminal, json, found, terminal.language === "zh" ? "已删除。" : "Deleted.");
      return 0;
    }
    if (verb === "rename") {
      const wanted = readBody(GroupChange, { name: rest[0] });
      const groupAdmin = createGroupAdmin({ ...context, limits: createLimits(context) });
      await groupAdmin.change(context.actor, found.id, wanted);
    } else if (verb === "grant" || verb === "revoke") await regrant(context, found.id, verb, rest);
    else if (verb === "add" || verb === "remove") await members(context, found, verb, rest);
    const now = await groups.byId(found.id);
    show(terminal, json, now, [`${now.id} ${now.name}`, ...now.permissions].join("\n  "));
    return 0;
  },
});

const groupNameLength = 150;

async function addGroup(context: ManageContext, name: string, permissions: readonly string[]) {
  if (name.trim() === "" || name.length > groupNameLength) {
    throw new CommandFailure(
      `用户组的名称须为 1 到 ${groupNameLength} 个字符。`,
      `A group's name has 1 to ${groupNameLength} characters.`,
    );
  }
  return context.db.transaction(async (transaction) => {
    const made = await context.groups.add(transaction, { name, permissions });
    await record(context, transaction, "group.create", made, {}, { name, permissions: made.permissions });
    return made;
  });
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
      await setMember(context, transaction, user, found.id, verb);
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
