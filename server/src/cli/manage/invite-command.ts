import { email as emailField } from "../../accounts/email.ts";
import type { Invitation } from "../../admission/invitation.ts";
import { invitationLink } from "../../admission/invitation-token.ts";
import { readableEmail } from "../../kernel/email-address.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { checkedField } from "./checked-field.ts";
import { findGroup } from "./find-group.ts";

const daySeconds = 24 * 3600;
const most = { uses: 1000, days: 90 } as const;

/** Invitations to sign up, from the command line: their maker is nobody who could lose the right to invite. */
export const invite: Command = defineCommand({
  name: "invite",
  group: "people",
  needs: "app",
  json: true,
  zh: "注册邀请：创建、列出、撤回",
  en: "invitations to sign up: make, list and withdraw them",
  verbs: {
    create: { zh: "创建；链接只显示这一次", en: "makes one; its link is shown this once" },
    list: { zh: "最近的邀请", en: "the latest" },
    revoke: { words: { zh: "<编号>", en: "<id>" }, zh: "撤回", en: "withdraws one" },
  },
  options: {
    email: {
      type: "string",
      value: { zh: "<邮箱>", en: "<address>" },
      of: "create",
      zh: "发送到此邮箱，只有它能使用",
      en: "mails it there; it works for that address alone",
    },
    group: {
      type: "string",
      value: { zh: "<用户组>", en: "<group>" },
      of: "create",
      zh: "注册后加入的用户组",
      en: "the group that the account is put into",
    },
    uses: {
      type: "string",
      value: "<n>",
      default: "1",
      of: "create",
      zh: `可用次数，1 到 ${most.uses}`,
      en: `how many people it lets in, 1 to ${most.uses}`,
    },
    days: {
      type: "string",
      value: "<n>",
      of: "create",
      zh: `有效天数，1 到 ${most.days}；默认见 INVITATION_LIFE_DAYS`,
      en: `how many days it works, 1 to ${most.days}; INVITATION_LIFE_DAYS without`,
    },
  },
  check({ verb, words: [id], values }) {
    expectNumber("--uses", values.uses, most.uses);
    if (values.days !== undefined) expectNumber("--days", values.days, most.days);
    if (verb === "revoke") expectNumber("<id>", id!, Number.MAX_SAFE_INTEGER);
    if (values.email !== undefined && values.uses !== "1") {
      throw new UsageError("发到邮箱的邀请只能用一次。", "An invitation that is mailed works once.");
    }
  },
  async run(context, { verb, words: [id], values, json }) {
    const { app, terminal, config } = context;
    if (verb === "list") {
      const rows = await app.invitations.list({ limit: 50 });
      show(terminal, json, rows, rows.map(lineOf).join("\n"));
      return 0;
    }
    if (verb === "revoke") {
      await app.invitations.revoke(context.actor, Number(id));
      show(terminal, json, { id: Number(id) }, terminal.language === "zh" ? "已撤回。" : "Withdrawn.");
      return 0;
    }
    const email = values.email === undefined ? null : checkedField(emailField, values.email);
    const { row, token } = await app.invitations.add(context.actor, {
      email,
      groupId: values.group === undefined ? null : (await findGroup(app.groups, values.group)).id,
      maxUses: Number(values.uses),
      lifeSeconds: Number(values.days ?? config.invitationLifeDays) * daySeconds,
    });
    const link = email === null ? invitationLink(config.publicSiteUrl, token) : null;
    show(terminal, json, { ...row, link }, [lineOf(row), ...(link === null ? [] : [link])].join("\n"));
    return 0;
  },
});

function lineOf({ id, email, uses, max_uses, expires_at }: Invitation): string {
  const until = new Date(expires_at).toISOString().slice(0, 16);
  return `${String(id).padStart(5)} ${uses}/${max_uses} ${until} ${email === null ? "" : readableEmail(email)}`.trimEnd();
}

function expectNumber(what: string, given: string, largest: number): void {
  if (/^[1-9]\d{0,15}$/.test(given) && Number(given) <= largest) return;
  throw new UsageError(
    `${what} 须为 1 到 ${largest} 之间的整数。`,
    `${what} must be a whole number from 1 to ${largest}.`,
  );
}
