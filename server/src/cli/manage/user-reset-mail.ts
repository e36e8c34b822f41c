import type { User } from "../../accounts/record.ts";
import { createLimits } from "../../admin/administrator.ts";
import { createPasswordReset } from "../../admin/password-reset.ts";
import { openCaptchaGate } from "../../app/captcha.ts";
import { openKv } from "../../app/engines.ts";
import { openMailCodes } from "../../app/mail-codes.ts";
import { createCodeOf } from "../../codes/code.ts";
import { createKnownDevices } from "../../devices/known-devices.ts";
import { createOutbox } from "../../engines/jobs/outbox.ts";
import { createMailRecord } from "../../engines/mail/mail-record.ts";
import { recordQueued } from "../../engines/mail/recorded-mailer.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { createLog } from "../../kernel/log.ts";
import { maskText } from "../../kernel/mask.ts";
import { offeredLanguage, tagOf } from "../../words/language.ts";
import { show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { languageAmong } from "./offered-language.ts";

/** Whoever stands at the machine asks from it: their requests are counted as those of one network. */
const here = { ip: "127.0.0.1", headers: {} } as const;

/**
 * `user reset-mail`: what the console's button does. Its owner is mailed a code to set a new password with, by whoever does the site's
 * jobs. `tag` is the mail's language; the terminal's without, where the site has it. Errors: CommandFailure for a language that is not
 * offered, and those of admin/password-reset.ts.
 */
export async function sendResetMail(
  context: ManageContext,
  { id, email }: User,
  tag: string | undefined,
  asJson: boolean,
): Promise<number> {
  const { config, db, clock, users, terminal } = context;
  const { languages, silent } = config.words;
  const language =
    tag === undefined
      ? (offeredLanguage(languages, terminal.language) ?? silent)
      : languageAmong(languages, tag);
  const log = createLog("error");
  const secretKeys = secretKeysOf(config);
  const { kv } = await openKv(config, db, clock, log);
  const gate = await openCaptchaGate(config, { kv, clock, log, secretKeys, metrics: null });
  try {
    const isHttps = config.publicApiUrl.startsWith("https:");
    const devices = createKnownDevices({ db, clock, secretKeys, isHttps });
    const verifications = openMailCodes(config, {
      ...{ db, kv, clock, log, secretKeys, users, devices, captchaGate: gate.captchaGate },
      codeOf: createCodeOf(secretKeys),
      jobs: recordQueued(createOutbox(context), db, { record: createMailRecord(context), log }),
    });
    const reset = createPasswordReset({ ...context, limits: createLimits(context), verifications });
    await reset(context.actor, id, { language, asker: await devices.askerOf(here) });
  } finally {
    await gate.close();
    await kv.close();
  }
  const to = maskText(email ?? "");
  const text = {
    zh: `重设密码邮件（${tagOf(language)}）将发往 ${to}。`,
    en: `The mail to set a new password (${tagOf(language)}) goes to ${to}.`,
  };
  show(terminal, asJson, { id, language: tagOf(language) }, text[terminal.language]);
  return 0;
}
