import { createConnection, type Socket } from "node:net";

const lastPiece = "0\r\n\r\n";

/**
 * One keep-alive connection of HTTP/1.1 that sends requests made of bytes beforehand and reads no more of an answer
 * than its status and length: the generator must never be the slow side. One request at a time.
 */
export class Connection {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #waiting: { resolve: (status: number) => void; reject: (error: Error) => void } | null = null;

  constructor(origin: URL) {
    this.#socket = createConnection(Number(origin.port), origin.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  /** The answer's status. Rejects where the connection fails or the answer's end can't be told. */
  send(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const headEnd = this.#rest.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = this.#rest.toString("latin1", 0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)) {
      const end = this.#rest.length - lastPiece.length;
      if (end > headEnd && this.#rest.indexOf(lastPiece, end) === end)
        this.#answered(Number(head.slice(9, 12)));
    } else if (length === undefined) this.#fail(new Error(`an answer without Content-Length:\n${head}`));
    else if (this.#rest.length >= headEnd + 4 + Number(length)) this.#answered(Number(head.slice(9, 12)));
  }

  #answered(status: number): void {
    const waiting = this.#waiting;
    this.#rest = Buffer.alloc(0);
    this.#waiting = null;
    waiting?.resolve(status);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}
