import { SMTPServer } from "smtp-server";
import { textOfMail } from "./mail-text.ts";

/** A real mail server that keeps what it was given, by recipient, in the order of arrival. */
export interface SmtpSink {
  readonly url: string;
  /** The texts of the mails to the address. */
  mailsTo(email: string): string[];
  count(): number;
  close(): Promise<void>;
}

export interface SmtpSinkOptions {
  /** Waits before the acceptance of each mail. */
  beforeAccept?(): Promise<void>;
  /** Default: any free one. */
  readonly port?: number;
}

export async function startSmtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const mails = new Map<string, string[]>();
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("end", async () => {
        await options.beforeAccept?.();
        const text = textOfMail(Buffer.concat(chunks).toString("utf8"));
        for (const { address } of session.envelope.rcptTo) {
          mails.set(address, [...(mails.get(address) ?? []), text]);
        }
        count += 1;
        callback();
      });
    },
  });
  server.on("error", () => {
    // A killed worker breaks its connection; that is what these tests do.
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const address = server.server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mailsTo: (email) => mails.get(email) ?? [],
    count: () => count,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
