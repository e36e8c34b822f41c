import type { Clock } from "../../kernel/clock.ts";
import type { HttpOpener } from "./http-delivery.ts";
import type { Mailer } from "./mail.ts";
import { parseMailUrl } from "./mail-url.ts";
import { parseSender } from "./smtp-url.ts";

/** Which implementation stands behind MAIL_URL. Each is loaded only where it is used. */
export interface OpenMailerOptions {
  readonly url: string;
  /** EMAIL_FROM. */
  readonly from: string;
  readonly maxConnections: number;
  /** For everything but SMTP; the mailer closes it. */
  readonly http: HttpOpener;
  readonly clock: Clock;
  /** Milliseconds for one step of SMTP, for a whole exchange by HTTP. Default 15,000. */
  readonly timeoutMillis?: number;
}

export async function openMailer(options: OpenMailerOptions): Promise<Mailer> {
  const { from, http, clock, timeoutMillis = 15_000 } = options;
  const transport = parseMailUrl(options.url);
  const common = { sender: parseSender(from), http, clock, timeoutMillis };
  switch (transport.by) {
    case "smtp": {
      const { createSmtpMailer } = await import("./smtp-mailer.ts");
      return createSmtpMailer({
        ...{ url: options.url, from, maxConnections: options.maxConnections },
        ...{ stepTimeoutMillis: timeoutMillis, http, clock },
      });
    }
    case "hook":
      return (await import("./hook-mailer.ts")).createHookMailer({ ...common, ...transport });
    case "resend":
      return (await import("./resend-mailer.ts")).createResendMailer({ ...common, ...transport });
    case "directmail":
      return (await import("./directmail-mailer.ts")).createDirectMailMailer({ ...common, ...transport });
  }
}
