import { maskText } from "../../kernel/mask.ts";
import { meansLater } from "./smtp-refusals.ts";

/**
 * Why an SMTP delivery failed, in words for the log: which step, the server's code and its own text,
 * readable and without anybody's address.
 */
export interface SmtpFailure {
  readonly text: string;
  /** A repeat can't help: the server refused this message for good. */
  readonly isPermanent: boolean;
}

interface NodemailerError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/** Steps whose 5xx answer is about this message. Before them it is about us: the log-in, our address's fame. */
const messageSteps = /^(MAIL FROM|RCPT TO|DATA|BDAT)/;

export function readableFailure(error: unknown): SmtpFailure {
  if (!(error instanceof Error)) return { text: "SMTP: unknown failure", isPermanent: false };
  const { code, command, response, responseCode, name } = error as NodemailerError;
  const step = command && command !== "API" && command !== "CONN" ? ` at ${command}` : "";
  const reason = decodeServerText(response ?? error.message);
  const text = maskText(`SMTP ${code ?? name}${step}: ${reason}`)
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, 500);
  // RFC 5321 section 4.2.1: 5yz is a permanent negative completion. A refused log-in (535) is not counted as
  // such: it passes once the operator has renewed the authorization code, and 163 and QQ also answer it to
  // too many log-ins in a short time.
  const isRefused = responseCode !== undefined && responseCode >= 500 && responseCode < 600;
  const isPermanent =
    (isRefused && messageSteps.test(command ?? "") && !meansLater(reason)) ||
    // nodemailer's own refusals, made before anything was sent. With a reply code they are the server's.
    ((code === "EENVELOPE" || code === "EMESSAGE") && responseCode === undefined);
  return { text, isPermanent };
}

/**
 * The Chinese providers answer in GBK. nodemailer hands over such bytes one character each (Latin-1) where
 * they aren't UTF-8; here they become the text they were. GB18030 contains GBK and GB2312.
 */
export function decodeServerText(text: string): string {
  if (!/[\u0080-\u00ff]/.test(text) || /[\u0100-\uffff]/.test(text)) return text;
  try {
    return new TextDecoder("gb18030", { fatal: true }).decode(Buffer.from(text, "latin1"));
  } catch {
    return text;
  }
}
