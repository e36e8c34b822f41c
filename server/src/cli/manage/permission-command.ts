import { createLimits } from "../../admin/administrator.ts";
import { createGroupAdmin } from "../../admin/group-admin.ts";
import { NewPermission } from "../../admin/group-admin-routes.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { readBody } from "./read-body.ts";

/** `permission`: what the console's page of groups shows of permissions, and makes. `group grant` gives them. */
export const permission: Command = defineCommand({
  name: "permission",
  group: "people",
  needs: "database",
  json: true,
  zh: "全部权限；新建站点自己的程序要查询的权限",
  en: "permissions there are; makes one that the site's own programs ask for",
  defaultVerb: "list",
  verbs: {
    list: { zh: "列出", en: "lists them" },
    create: {
      words: { zh: "<app.codename> <说明>", en: "<app.codename> <name>" },
      zh: '新建，例如 shop.refund_order "Can refund order"；用 group grant 授予',
      en: 'makes one, such as shop.refund_order "Can refund order"; group grant gives it',
    },
  },
  async run(context, { verb, words: [full = "", name = ""], json }) {
    const groupAdmin = createGroupAdmin({ ...context, limits: createLimits(context) });
    if (verb === "create") {
      const [app = "", ...codename] = full.split(".");
      const wanted = readBody(NewPermission, { app, codename: codename.join("."), name });
      await groupAdmin.addPermission(context.actor, wanted);
      const made = rowOf({ ...wanted, model: "" });
      show(context.terminal, json, made, lineOf(made));
      return 0;
    }
    const rows = (await groupAdmin.listPermissions()).map(rowOf);
    show(context.terminal, json, rows, rows.map(lineOf).join("\n"));
    return 0;
  },
});

const rowOf = ({ app, model, codename, name }: Omit<Row, "permission">) => ({
  ...{ permission: `${app}.${codename}`, app, model, codename, name },
});

const lineOf = ({ permission: full, name }: Row) => `${full.padEnd(32)} ${name}`;

interface Row {
  readonly permission: string;
  readonly app: string;
  readonly model: string;
  readonly codename: string;
  readonly name: string;
}
