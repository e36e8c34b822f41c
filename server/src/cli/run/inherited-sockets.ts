import { type AddressInfo, isIP } from "node:net";
import type { Source } from "../../config/config.ts";
import { ToldError } from "../../errors/told-error.ts";

/**
 * The sockets that systemd opened and handed over (sd_listen_fds(3)), by their names. It keeps them while the product
 * restarts: whoever connects meanwhile waits in the socket's queue and is served by the next process, where a port that
 * the product opens itself would refuse them (guard: fault/socket-activation.test.ts). Numbers of open files; absent
 * where the product opens a port itself.
 */
export interface InheritedSockets {
  readonly api?: number;
  readonly site?: number;
}

const firstSocket = 3;

/** Those handed to the process `pid`; none where the variables speak to another. ToldError for a name that is neither. */
export function inheritedSockets(source: Source, pid: number): InheritedSockets {
  if (source.LISTEN_PID !== String(pid)) return {};
  const names = (source.LISTEN_FDNAMES ?? "").split(":");
  const found: { api?: number; site?: number } = {};
  for (let i = 0; i < Number(source.LISTEN_FDS); i++) {
    const name = names[i];
    if (name !== "api" && name !== "site") {
      throw new ToldError(
        `systemd 传来的套接字名为 ${name || "(空)"}：FileDescriptorName 只能是 api 或 site，见 deploy/systemd 中的 .socket 文件。`,
        `systemd handed over a socket named ${name || "(nothing)"}: FileDescriptorName is api or site, as in the .socket files of deploy/systemd.`,
      );
    }
    found[name] = firstSocket + i;
  }
  return found;
}

interface Listener {
  listen(options: { host: string; port: number; fd?: number; backlog?: number }): Promise<string>;
  addresses(): (AddressInfo | string)[];
}

/**
 * Listens on the socket handed over. ToldError where it isn't the address of the settings: the product would be served
 * elsewhere than where it says it is.
 */
export async function listenOnInherited(
  server: Listener,
  name: keyof InheritedSockets,
  socket: { readonly fd: number; readonly host: string; readonly port: number; readonly backlog?: number },
): Promise<void> {
  const { host, port } = socket;
  // In an API process the number is of the process that started it, which hands the socket on; see processes.ts.
  // The backlog, too: Node would lower what systemd asked for.
  await server.listen(socket);
  const at = server.addresses().find((address) => typeof address !== "string");
  if (at?.port === port && (isIP(host) === 0 || at.address === host)) return;
  const [set, given] = [`${host}:${port}`, `${at?.address}:${at?.port}`];
  const variable = name === "api" ? "API_PORT" : "WEB_PORT";
  throw new ToldError(
    `systemd 的 meiduo-accounts-${name}.socket 监听 ${given}，而 HOST 与 ${variable} 是 ${set}：请用 systemctl edit 改其中的 ListenStream（先写一行空的 ListenStream=），或修改变量。`,
    `systemd's meiduo-accounts-${name}.socket listens on ${given}, but HOST and ${variable} say ${set}: change its ListenStream by systemctl edit (after an empty ListenStream=), or the variables.`,
  );
}
