import { addressBelow } from "../../../kernel/public-address.ts";
import { codeMail } from "./code-mails.ts";
import { impersonationBegun } from "./impersonation-mail.ts";
import { chinaTime, factsOf } from "./mail-facts.ts";
import { type Block, type MailContent, oneLine, type Say } from "./mail-layout.ts";
import type {
  AccountMadeValues,
  BindingValues,
  InvitationValues,
  LostFactorValues,
  MailKind,
  MailValues,
  NoAccountValues,
  SessionValues,
  SignInRefusedValues,
  UndoValues,
} from "./mail-values.ts";
import { notMe } from "./not-me.ts";
import { accountDeleted, deletionAsked, exportReady } from "./rights-mails.ts";

/** What each kind of mail is made of, in the words of `say`. */
export function contentOf<Kind extends MailKind>(
  kind: Kind,
  values: MailValues[Kind],
  say: Say,
): MailContent {
  return contents[kind](say, values);
}

const contents: { [Kind in MailKind]: (say: Say, values: MailValues[Kind]) => MailContent } = {
  register: (say, values) => codeMail("register", say, values),
  resetpwd: (say, values) => codeMail("resetpwd", say, values),
  bindAccount: (say, values) => codeMail("bindAccount", say, values),
  changeEmail: (say, values) => codeMail("changeEmail", say, values),
  signIn: (say, values) => codeMail("signIn", say, values),
  stepUp: (say, values) => codeMail("stepUp", say, values, { action: say(`stepUp.${values.action}`) }),
  account_exists: (say, { siteUrl }) => reply("account_exists", say, addressBelow(siteUrl, "/login")),
  no_account: noAccount,
  sign_in_refused: signInRefused,
  password_changed: (say, values) => notice("password_changed", say, values),
  // To the address that was replaced: its owner may not be the one who did it.
  email_changed: (say, values) => notice("email_changed", say, values),
  email_added: (say, values) => notice("email_added", say, values),
  // The name in it is the new one.
  username_changed: (say, values) => notice("username_changed", say, values),
  mobile_lost: (say, values) => notice("mobile_lost", say, values),
  number_leave_asked: (say, values) => {
    const due: [string, string] = [say("number_leave_asked.from"), chinaTime(values.dueAt)];
    return undoable("number_leave_asked", say, values, [...sessionFacts(say, values), due]);
  },
  number_leave_cancelled: (say, values) => notice("number_leave_cancelled", say, values),
  number_left: (say, values) => undoable("number_left", say, values),
  number_added: (say, values) => notice("number_added", say, values),
  number_changed: (say, values) => notice("number_changed", say, values),
  number_removed: (say, values) => notice("number_removed", say, values),
  account_joined: (say, values) =>
    notice("account_joined", say, values, [[say("account_joined.other"), oneLine(values.nickname ?? "")]]),
  binding_added: (say, values) => bindingNotice("binding_added", say, values),
  binding_removed: (say, values) => bindingNotice("binding_removed", say, values),
  session_replayed: (say, values) => notice("session_replayed", say, values, sessionFacts(say, values)),
  second_factor_added: (say, values) => undoable("second_factor_added", say, values),
  second_factor_removed: (say, values) => notice("second_factor_removed", say, values),
  recovery_code_used: (say, values) => notice("recovery_code_used", say, values),
  recovery_codes_low: (say, values) => notice("recovery_codes_low", say, values),
  recovery_codes_renewed: (say, values) => notice("recovery_codes_renewed", say, values),
  second_factor_stopped: (say, values) => {
    const sentences = { provider: "sentenceProvider", code: "sentenceCode", password: "sentence" } as const;
    const own = say(`second_factor_stopped.${sentences[values.firstStep]}`);
    return undoable("second_factor_stopped", say, values, sessionFacts(say, values), own);
  },
  lost_factor_asked: lostFactorAsked,
  lost_factor_cancelled: (say, values) =>
    notice("lost_factor_cancelled", say, values, [], [say(`lost_factor_cancelled.${values.cancelledBy}`)]),
  passkey_added: (say, values) => undoable("passkey_added", say, values),
  authenticator_changed: (say, values) => undoable("authenticator_changed", say, values),
  passkey_removed: (say, values) => notice("passkey_removed", say, values),
  data_export_asked: (say, values) => undoable("data_export_asked", say, values),
  data_export_ready: exportReady,
  deletion_asked: deletionAsked,
  deletion_cancelled: (say, values) => notice("deletion_cancelled", say, values),
  account_deleted: accountDeleted,
  impersonation_begun: impersonationBegun,
  new_device: (say, values) => undoable("new_device", say, values, sessionFacts(say, values)),
  invitation: (say, values) => linkMail("invitation", say, values),
  account_made: accountMade,
  confirm_email: (say, values) => linkMail("confirm_email", say, values),
};

/**
 * Answers to requests that the page answers alike for every address, so that only the owner of the mailbox learns
 * whether it has an account.
 */
function reply(
  kind: "account_exists" | "no_account",
  say: Say,
  url: string,
  { advice, button }: { readonly advice: string; readonly button: string } = {
    advice: say(`${kind}.advice`),
    button: say(`${kind}.button`),
  },
): MailContent {
  return {
    subject: say(`${kind}.subject`),
    heading: say(`${kind}.heading`),
    blocks: [
      { kind: "paragraph", text: say(`${kind}.sentence`) },
      { kind: "paragraph", text: advice },
      { kind: "button", label: button, url },
      { kind: "hint", text: say(`${kind}.hint`) },
    ],
  };
}

/** Where a stranger can't sign up, a link there would lead to a page that says so. */
function noAccount(say: Say, { siteUrl, mayRegister }: NoAccountValues): MailContent {
  if (mayRegister) return reply("no_account", say, addressBelow(siteUrl, "/register"));
  return reply("no_account", say, addressBelow(siteUrl, "/forgot-password"), {
    advice: say("no_account.adviceClosed"),
    button: say("notYou.button"),
  });
}

/** The way that is left to both: who has an account sets a password there, which confirms the address, too. */
function signInRefused(say: Say, { siteUrl, reason }: SignInRefusedValues): MailContent {
  return {
    subject: say("sign_in_refused.subject"),
    heading: say("sign_in_refused.heading"),
    blocks: [
      { kind: "paragraph", text: say("sign_in_refused.sentence") },
      { kind: "paragraph", text: say(`sign_in_refused.${reason}`) },
      { kind: "button", label: say("notYou.button"), url: addressBelow(siteUrl, "/forgot-password") },
      { kind: "hint", text: say("no_account.hint") },
    ],
  };
}

/** Tells an owner what changed. */
function notice(
  kind:
    | "password_changed"
    | "email_changed"
    | "email_added"
    | "username_changed"
    | "mobile_lost"
    | "number_leave_cancelled"
    | "number_added"
    | "number_changed"
    | "number_removed"
    | "account_joined"
    | "session_replayed"
    | "second_factor_removed"
    | "recovery_code_used"
    | "recovery_codes_low"
    | "recovery_codes_renewed"
    | "lost_factor_cancelled"
    | "deletion_cancelled"
    | "passkey_removed",
  say: Say,
  values: UndoValues,
  extra: [string, string][] = [],
  more: readonly string[] = [],
): MailContent {
  return {
    subject: say(`${kind}.subject`),
    heading: say(`${kind}.heading`),
    blocks: [
      ...[say(`${kind}.sentence`), ...more].map((text) => ({ kind: "paragraph", text }) as const),
      ...whoAndWhen(say, values, extra),
    ],
  };
}

function bindingNotice(
  kind: "binding_added" | "binding_removed",
  say: Say,
  values: BindingValues,
): MailContent {
  const named = { provider: oneLine(values.provider) };
  const nickname = values.nickname ? oneLine(values.nickname) : "";
  const extra: [string, string][] = nickname === "" ? [] : [[say("facts.nickname", named), nickname]];
  return {
    subject: say(`${kind}.subject`, named),
    heading: say(`${kind}.heading`, named),
    blocks: [{ kind: "paragraph", text: say(`${kind}.sentence`, named) }, ...whoAndWhen(say, values, extra)],
  };
}

function sessionFacts(say: Say, { device, network }: SessionValues): [string, string][] {
  const rows: [string, string][] = [
    [say("facts.device"), oneLine(device.replace("/", " · "))],
    [say("facts.network"), oneLine(network)],
  ];
  return rows.filter(([, value]) => value !== "");
}

/** Its owner sees at a glance whether it was them, and can undo it without logging in. */
function undoable(
  kind:
    | "new_device"
    | "number_leave_asked"
    | "number_left"
    | "second_factor_added"
    | "second_factor_stopped"
    | "passkey_added"
    | "authenticator_changed"
    | "data_export_asked",
  say: Say,
  values: UndoValues,
  facts: [string, string][] = [],
  sentence = say(`${kind}.sentence`),
): MailContent {
  return {
    subject: say(`${kind}.subject`),
    heading: say(`${kind}.heading`),
    blocks: [
      { kind: "paragraph", text: sentence },
      { kind: "facts", rows: factsOf(say, values, facts) },
      ...notMe(say, values, say(`${kind}.advice`)),
    ],
  };
}

/** Before anything happens: its owner has the delay to say that it wasn't them. */
function lostFactorAsked(say: Say, values: LostFactorValues): MailContent {
  const times: [string, string][] = [
    [say("lost_factor_asked.from"), chinaTime(values.ripeAt)],
    [say("lost_factor_asked.until"), chinaTime(values.lapsesAt)],
  ];
  return {
    subject: say("lost_factor_asked.subject"),
    heading: say("lost_factor_asked.heading"),
    blocks: [
      { kind: "paragraph", text: say("lost_factor_asked.sentence") },
      { kind: "facts", rows: factsOf(say, values, [...sessionFacts(say, values), ...times]) },
      { kind: "paragraph", text: say("lost_factor_asked.advice") },
      {
        kind: "button",
        label: say("lost_factor_asked.button"),
        url: addressBelow(values.siteUrl, `/lost-factor#${values.cancelToken}`),
      },
      { kind: "hint", text: say("lost_factor_asked.hint") },
    ],
  };
}

/** What is done by a link that is good until a day. */
function linkMail(
  kind: "invitation" | "confirm_email",
  say: Say,
  { link, expiresAt }: InvitationValues,
): MailContent {
  return {
    subject: say(`${kind}.subject`),
    heading: say(`${kind}.heading`),
    blocks: [
      { kind: "paragraph", text: say(`${kind}.sentence`, { day: chinaTime(expiresAt).slice(0, 10) }) },
      { kind: "button", label: say(`${kind}.button`), url: link },
      { kind: "hint", text: say(`${kind}.hint`) },
    ],
  };
}

/** An account that staff made. */
function accountMade(say: Say, { username, link }: AccountMadeValues): MailContent {
  return {
    subject: say("account_made.subject"),
    heading: say("account_made.heading"),
    blocks: [
      { kind: "paragraph", text: say("account_made.sentence") },
      { kind: "facts", rows: [[say("facts.username"), oneLine(username, 150)]] },
      { kind: "button", label: say("account_made.button"), url: link },
      { kind: "hint", text: say("account_made.hint") },
    ],
  };
}

/** Whose account it was and when, and what to do if it was somebody else. */
function whoAndWhen(say: Say, values: UndoValues, extra: [string, string][] = []): Block[] {
  const facts = { kind: "facts", rows: factsOf(say, values, extra) } as const;
  if (values.disownToken !== "") return [facts, ...notMe(say, values, say("notYou.advice"))];
  return [
    facts,
    { kind: "paragraph", text: say("notYou.sentence") },
    { kind: "button", label: say("notYou.button"), url: addressBelow(values.siteUrl, "/forgot-password") },
  ];
}
