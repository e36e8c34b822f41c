import { createTransport } from "nodemailer";
import { type Clock, systemClock } from "../../kernel/clock.ts";
import { PermanentFailure } from "../jobs/jobs.ts";
import type { HttpOpener } from "./http-delivery.ts";
import { checkMail, type Mailer, MailFailure, messageIdOf } from "./mail.ts";
import { createMailboxTokens } from "./mailbox-tokens.ts";
import { decodeServerText, readableFailure } from "./smtp-failure.ts";
import { parseSender, parseSmtpUrl } from "./smtp-url.ts";

/**
 * Mail over SMTP (RFC 5321) through nodemailer: a pool of connections, each step bounded in time.
 * It never falls back to an unencrypted log-in, never follows a file or URL named in a message, and never
 * queues by itself what a connection dropped: whether to repeat is the job's decision.
 */
export interface SmtpMailerOptions {
  /** See `parseSmtpUrl`. */
  readonly url: string;
  /** `美多商城 <name@example.com>` or a plain address. The Chinese providers want the account logged in with. */
  readonly from: string;
  /** Connections at most; free accounts at 163 and QQ allow few at once. Default 4. */
  readonly maxConnections?: number;
  /** Milliseconds to connect, to be greeted, and of silence at any later step. Default 15,000. */
  readonly stepTimeoutMillis?: number;
  /** Milliseconds for one whole delivery; ends servers that drip. Default 60,000. */
  readonly totalTimeoutMillis?: number;
  /** For the tokens of `?oauth=`, with the clock that says when they expire. */
  readonly http?: HttpOpener;
  readonly clock?: Clock;
  /** PEM certificates to trust besides the system's, for a relay with its own authority. */
  readonly ca?: string;
}

export function createSmtpMailer(options: SmtpMailerOptions): Mailer {
  const server = parseSmtpUrl(options.url);
  const sender = parseSender(options.from);
  const stepTimeout = options.stepTimeoutMillis ?? 15_000;
  const totalTimeout = options.totalTimeoutMillis ?? 60_000;
  const transport = createTransport({
    pool: true,
    host: server.host,
    port: server.port,
    secure: server.encryption === "implicit",
    requireTLS: server.encryption === "required",
    ignoreTLS: server.encryption === "never",
    ...(server.auth ? { auth: server.auth } : {}),
    ...(server.oauth ? { auth: { type: "OAuth2" as const, user: server.oauth.user } } : {}),
    name: sender.domain,
    maxConnections: options.maxConnections ?? 4,
    maxMessages: 100,
    maxRequeues: 0,
    // The Chinese providers drop idle connections after a minute or less; leave before they do.
    idleTimeout: 20_000,
    connectionTimeout: stepTimeout,
    greetingTimeout: stepTimeout,
    socketTimeout: stepTimeout,
    dnsTimeout: stepTimeout,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: { minVersion: "TLSv1.2", ...(options.ca ? { ca: options.ca } : {}) },
  });

  const { http } = options;
  if (server.oauth) {
    if (http === undefined) throw new TypeError("a mail server with ?oauth= needs an opener of requests");
    const tokens = createMailboxTokens({ ...server.oauth, http, clock: options.clock ?? systemClock });
    // nodemailer asks for a token with each log-in, and once more when the server refused it.
    const provide = (
      _user: string,
      isRefused: boolean,
      done: (error: Error | null, token?: string) => void,
    ) => {
      tokens.get(isRefused).then((token) => done(null, token), done);
    };
    transport.set("oauth2_provision_cb", provide);
  }

  return {
    async send(message, signal) {
      checkMail(message);
      const limit = AbortSignal.timeout(totalTimeout);
      try {
        const { response } = await transport.sendMail({
          envelope: { from: sender.address, to: [message.to] },
          from: { name: sender.name, address: sender.address },
          // An object, so that no address is read as a list of them.
          to: { name: "", address: message.to },
          subject: message.subject,
          text: onTheWire(message.text),
          html: onTheWire(message.html),
          textEncoding: "base64",
          messageId: messageIdOf(message.messageId, sender.domain),
          // Keeps holiday answers away (RFC 3834 section 5).
          headers: { ...message.headers, "Auto-Submitted": "auto-generated" },
          signal: signal ? AbortSignal.any([limit, signal]) : limit,
        });
        return { words: decodeServerText(response) };
      } catch (error) {
        const { text, isPermanent } = readableFailure(error);
        // Without `cause`: nodemailer's own error carries the addresses and the server's raw text.
        throw isPermanent ? new PermanentFailure(text) : new MailFailure(text);
      }
    },
    async verify() {
      try {
        await transport.verify();
      } catch (error) {
        throw new MailFailure(readableFailure(error).text);
      }
    },
    async close() {
      transport.close();
      await http?.close();
    },
  };
}

/** Line breaks of text are CRLF (RFC 2046 section 4.1.1), also below base64, where no server puts them right. */
function onTheWire(text: string): string {
  return text.replaceAll(/\r?\n/g, "\r\n");
}
