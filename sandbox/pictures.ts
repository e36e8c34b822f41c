import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import type { Imitation, Person } from "../server/src/identities/providers/imitation.ts";
import { people } from "./people.ts";

/**
 * The pictures of the sandbox's people. Their profiles name the providers' real picture hosts, as real profiles do;
 * this stands in for those hosts, so that a picture shows without network and no stranger's is fetched by accident.
 */
export function pictureRoutes(app: FastifyInstance, imitations: readonly Imitation[]): void {
  app.get("/picture", (request, reply) => {
    const { address } = request.query as { address?: string };
    const person = ownerOf(String(address ?? ""), imitations);
    if (person === undefined) return reply.code(404).send({ error: "no such picture" });
    return reply.type("image/png").header("cache-control", "no-store").send(drawPicture(person));
  });
}

type FetchPicture = (url: URL, init: RequestInit) => Promise<Response>;

/** Fetches a picture from the sandbox where it is one of its people's, else as `others` does. */
export function picturesFrom(origin: string, others: FetchPicture): FetchPicture {
  return async (url, init) => {
    const own = await fetch(`${origin}/picture?address=${encodeURIComponent(url.href)}`, init);
    if (own.ok) return own;
    await own.body?.cancel();
    return others(url, init);
  };
}

/** Each provider's picture address holds the person's id there, whole. */
function ownerOf(address: string, imitations: readonly Imitation[]): Person | undefined {
  const parts = address.split(/[^\w-]+/);
  return people.find((person) =>
    imitations.some(({ pictureMarks }) => pictureMarks(person).some((mark) => parts.includes(mark))),
  );
}

const cells = 7;
const cellSize = 24;
const side = cells * cellSize;

/** A PNG (RFC 2083) of one colour on white: a pattern from the id, the same on the left and the right. */
function drawPicture({ id }: Person): Buffer {
  const seed = createHash("sha256").update(id).digest();
  const ink = [40 + (seed[0]! % 130), 60 + (seed[1]! % 90), 70 + (seed[2]! % 110)];
  const isInk = (column: number, row: number) => {
    const half = Math.min(column, cells - 1 - column);
    const inside = column > 0 && row > 0 && column < cells - 1 && row < cells - 1;
    return inside && seed[3 + half * cells + row]! % 2 === 0;
  };
  const lines: Buffer[] = [];
  for (let y = 0; y < side; y++) {
    const line = Buffer.alloc(1 + side * 3, 0xee);
    line[0] = 0;
    for (let x = 0; x < side; x++) {
      if (isInk(Math.floor(x / cellSize), Math.floor(y / cellSize))) line.set(ink, 1 + x * 3);
    }
    lines.push(line);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(lines))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const whole = Buffer.alloc(8 + body.length);
  whole.writeUInt32BE(content.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), 4 + body.length);
  return whole;
}
