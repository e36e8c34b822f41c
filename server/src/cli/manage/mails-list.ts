import { createMailSearch, mailView, type WantedMails } from "../../admin/mail-search.ts";
import { type MailState, mailStates } from "../../engines/database/tables.ts";
import type { MailPage, RecordedMail } from "../../engines/mail/mail-list.ts";
import { createMailRecord } from "../../engines/mail/mail-record.ts";
import { type Option, show } from "../command/command.ts";
import type { AppContext } from "../command/contexts.ts";
import { findAccount } from "./find-account.ts";
import { beforeOption, checkLimit, limitOption, nextLine, readPlace } from "./page-options.ts";

/** `mail list` and `sms list`: what became of those of thirty days, as the console's page has it. Reads, and writes nothing. */
export const mailListOptions = {
  to: {
    type: "string",
    of: "list",
    value: { zh: "<邮箱或手机号>", en: "<address-or-number>" },
    zh: "只列发给它的",
    en: "only those to it",
  },
  account: {
    type: "string",
    of: "list",
    value: { zh: "<账号>", en: "<account>" },
    zh: "只列发给这个账号的，包括等待发出的通知",
    en: "only those to this account, notices that wait too",
  },
  state: {
    type: "string",
    of: "list",
    choices: mailStates,
    zh: "只列这种结果的",
    en: "only those in this state",
  },
  limit: { ...limitOption, of: "list" },
  before: { ...beforeOption, of: "list" },
} as const satisfies Readonly<Record<string, Option>>;

interface ListValues {
  readonly to: string | undefined;
  readonly account: string | undefined;
  readonly state: string | undefined;
  readonly limit: string;
  readonly before: string | undefined;
}

/** Error: UsageError. */
export function checkMailList({ limit, before }: ListValues): void {
  checkLimit(limit);
  readPlace(before);
}

/** Error: CommandFailure for an account that is none. */
export async function listMails(
  { app, clock, terminal }: AppContext,
  channel: "mail" | "sms",
  values: ListValues,
  asJson: boolean,
): Promise<number> {
  const { users, db } = app;
  const find = createMailSearch({ mails: createMailRecord({ db, clock }), users });
  const user = values.account === undefined ? undefined : (await findAccount(users, values.account)).id;
  const wanted = { to: values.to, user, state: stateOf(values.state), before: readPlace(values.before) };
  const isWanted = ({ kind }: RecordedMail) => kind.startsWith("sms_") === (channel === "sms");
  const { mails, next } = await filtered(find, { ...wanted, limit: Number(values.limit) }, isWanted);
  const lines = mails.map((mail) => {
    const { queued_at, kind, state, to, words } = mailView(mail, true);
    return [queued_at.slice(0, 19), kind, state, to ?? "-", ...(words ? [words] : [])].join("  ");
  });
  const none = { zh: "没有符合条件的。", en: "None fits." }[terminal.language];
  const rest = nextLine(next, terminal.language);
  const text = [...(lines.length === 0 && rest.length === 0 ? [none] : lines), ...rest].join("\n");
  show(terminal, asJson, { results: mails.map((mail) => mailView(mail, false)), next }, text);
  return 0;
}

const stateOf = (text: string | undefined): MailState | undefined =>
  mailStates.find((state) => state === text);

/** Looked at for one page of the answer: a site may send a hundred times as many mails as SMS. */
const [atOnce, mostPages] = [200, 50];

/** A page of those that are wanted. It may be short, and still have a next one. */
async function filtered(
  find: ReturnType<typeof createMailSearch>,
  wanted: WantedMails,
  isWanted: (mail: RecordedMail) => boolean,
): Promise<MailPage> {
  const found: RecordedMail[] = [];
  let { before } = wanted;
  for (let pages = 0; pages < mostPages; pages++) {
    const { mails, next } = await find({ ...wanted, before, limit: atOnce });
    for (const mail of mails.filter(isWanted)) {
      if (found.length === wanted.limit) return { mails: found, next: found.at(-1)!.id };
      found.push(mail);
    }
    if (next === null) return { mails: found, next };
    before = next;
  }
  return { mails: found, next: before ?? null };
}
