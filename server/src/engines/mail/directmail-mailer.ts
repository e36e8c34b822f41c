import type { Clock } from "../../kernel/clock.ts";
import { PermanentFailure } from "../jobs/jobs.ts";
import { type AcsKey, acs3Headers, formOf } from "./acs3-signature.ts";
import { ask, type HttpOpener, idIn, type ServiceAnswer, textIn } from "./http-delivery.ts";
import { checkMail, KeyRefused, type Mailer, MailFailure, type Verified } from "./mail.ts";
import type { Sender } from "./smtp-url.ts";

/**
 * Mails through Aliyun DirectMail (help.aliyun.com/zh/direct-mail, SingleSendMail, 2015-11-23). It has no idempotency
 * key: a try whose answer is lost may send the mail twice, with the same code.
 */
export interface DirectMailOptions {
  /** The endpoint of the region, as https://dm.aliyuncs.com. */
  readonly url: string;
  readonly key: AcsKey;
  readonly sender: Sender;
  readonly http: HttpOpener;
  readonly clock: Clock;
  /** Milliseconds for one delivery. Default 15,000. */
  readonly timeoutMillis?: number;
}

/** Its FromAlias takes fewer than 15 characters, its Subject at most 100. */
const aliasLimit = 14;
const subjectLimit = 100;

export function createDirectMailMailer(options: DirectMailOptions): Mailer {
  const { url, key, sender, http, clock, timeoutMillis = 15_000 } = options;
  const { host } = new URL(url);

  const signed = (action: string, body: string) =>
    acs3Headers(key, { action, version: "2015-11-23", host, body }, clock);

  return {
    async send(message, signal) {
      checkMail(message);
      const alias = [...sender.name].slice(0, aliasLimit).join("");
      const body = formOf({
        ...{ AccountName: sender.address, AddressType: "1", ReplyToAddress: "false", ClickTrace: "0" },
        ...(alias === "" ? {} : { FromAlias: alias }),
        ...{ ToAddress: message.to, Subject: [...message.subject].slice(0, subjectLimit).join("") },
        ...{ HtmlBody: message.html, TextBody: message.text },
      });
      return read(
        host,
        await ask(http, { url, headers: signed("SingleSendMail", body), body, timeoutMillis, signal }),
      );
    },
    async verify() {
      // Reads the account's quota: sends nothing, and a key that may not read it is told so.
      const headers = signed("DescAccountSummary", "");
      return readTrial(host, await ask(http, { url, headers, body: "", timeoutMillis }));
    },
    close: () => http.close(),
  };
}

/** What a trial of the key came to. That it may not read says nothing about whether it may send. */
function readTrial(host: string, { status, json }: ServiceAnswer): Verified {
  const code = textIn(json, "Code");
  if (/^(InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|InvalidSecurityToken)/.test(code)) {
    throw new KeyRefused(`${host} ${status} ${code} ${textIn(json, "Message")}`.trim());
  }
  return { isKeyTried: status === 200 || /^(Forbidden|NoPermission)/.test(code) };
}

/**
 * Codes that are about this mail, as of the API's list. InvalidSendMail.Spam is about how often and how much is sent,
 * InvalidMailAddress… about the sender, the others about the key: all of them pass, or the operator puts them right.
 */
const forGood =
  /^(InvalidToAddress(\.Spam)?|InvalidReceiverName\.Malformed|InvalidSubject\.Malformed|InvalidBody)$/;

function read(host: string, { status, json }: ServiceAnswer) {
  const code = textIn(json, "Code");
  const words = [host, String(status), code, textIn(json, "Message")].filter((text) => text !== "").join(" ");
  if (status >= 200 && status < 300 && code === "") {
    const providerId = idIn(json, "EnvId");
    if (providerId === "") throw new MailFailure(`${host} ${status} without the mail's id`);
    return { words: `${host} ${status} ${providerId}`, providerId };
  }
  throw forGood.test(code) ? new PermanentFailure(words) : new MailFailure(words);
}
