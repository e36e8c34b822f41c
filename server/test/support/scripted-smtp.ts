import { createServer, type Server, type Socket } from "node:net";

/**
 * A mail server that misbehaves on purpose: answers each command from a script, in any bytes, hangs, drops
 * the connection or says nothing. What a well-behaved library of a server can't be made to do.
 */
export type Step = string | Buffer | "hang" | "drop";

/**
 * By command verb (`greeting`, EHLO, AUTH, MAIL, RCPT, DATA, `writing`, `body`); what is missing is answered well.
 * `writing` is when the first bytes of a mail arrive, `body` when its final dot does.
 */
export type Script = Readonly<Record<string, Step>>;

export interface ScriptedSmtp {
  readonly port: number;
  /** Messages accepted after the final dot. */
  readonly accepted: string[];
  /** Verbs of the commands received. */
  readonly verbs: string[];
  readonly connections: () => number;
  close(): Promise<void>;
}

const wellBehaved: Record<string, string> = {
  greeting: "220 test",
  EHLO: "250-test\r\n250 AUTH PLAIN",
  AUTH: "235 ok",
  MAIL: "250 ok",
  RCPT: "250 ok",
  DATA: "354 go on",
  body: "250 queued",
  RSET: "250 ok",
  QUIT: "221 bye",
};

export async function startScriptedSmtp(script: Script): Promise<ScriptedSmtp> {
  const accepted: string[] = [];
  const verbs: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    let buffered = "";
    let inBody = false;
    const answer = (verb: string) => {
      const step = script[verb] ?? wellBehaved[verb] ?? "250 ok";
      if (step === "hang") return false;
      if (step === "drop") {
        socket.destroy();
        return false;
      }
      socket.write(Buffer.concat([Buffer.from(step), Buffer.from("\r\n")]));
      return true;
    };
    answer("greeting");
    socket.on("data", (chunk) => {
      if (inBody && script.writing === "drop") {
        socket.destroy();
        return;
      }
      buffered += chunk.toString("latin1");
      for (;;) {
        const ending = inBody ? "\r\n.\r\n" : "\r\n";
        const end = buffered.indexOf(ending);
        if (end < 0) return;
        const part = buffered.slice(0, end);
        buffered = buffered.slice(end + ending.length);
        if (inBody) {
          inBody = false;
          if (answer("body") && !script.body) accepted.push(part);
        } else {
          const verb = part.slice(0, 4).toUpperCase();
          verbs.push(verb);
          if (answer(verb) && verb === "DATA" && !script.DATA) inBody = true;
          if (verb === "QUIT") socket.end();
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    accepted,
    verbs,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
