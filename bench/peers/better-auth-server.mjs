import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { hashPassword } from "better-auth/crypto";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { emailOTP, username } from "better-auth/plugins";
import pg from "pg";

/**
 * better-auth as its documentation sets it up: log-in by name and password, sessions in the database, codes by mail, limits on.
 * Runs in the folder where it is installed (better-auth.ts copies this file there), with nothing of this project.
 *
 * argv: `fill` or `serve`, `sqlite:<file>` or `postgres://…`, a secret; then for `fill` a file of `{ password, names }`, whose
 * cookies it prints, for `serve` a port.
 */
const [command, database, secret, given] = process.argv.slice(2);
// Counted like ours, and never reached.
const limit = { window: 60, max: 1_000_000_000 };
const auth = betterAuth({
  database: database.startsWith("sqlite:") ? sqlite() : new pg.Pool({ connectionString: database }),
  secret,
  baseURL: "http://127.0.0.1",
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: true, ...limit, customRules: { "/sign-in/*": limit, "/email-otp/*": limit } },
  telemetry: { enabled: false },
  logger: { level: "error" },
  plugins: [
    username(),
    // Sending is somebody else's work here; ours stores a job for it.
    emailOTP({ sendVerificationOTP: async () => {}, rateLimit: limit }),
  ],
});

if (command === "fill") await fill();
else createServer(toNodeHandler(auth)).listen(Number(given), "127.0.0.1");

function sqlite() {
  const db = new DatabaseSync(database.slice("sqlite:".length), { timeout: 5000 });
  db.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16000");
  return db;
}

async function fill() {
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  const { readFile } = await import("node:fs/promises");
  const { names, password } = JSON.parse(await readFile(given, "utf8"));
  const { adapter, internalAdapter } = await auth.$context;
  const hash = await hashPassword(password);
  const cookies = [];
  for (const name of names) {
    const now = new Date();
    const user = await adapter.create({
      model: "user",
      data: {
        ...{ name, email: `${name}@example.com`, emailVerified: true, username: name, displayUsername: name },
        ...{ createdAt: now, updatedAt: now },
      },
    });
    const account = { userId: user.id, accountId: user.id, providerId: "credential", password: hash };
    await adapter.create({ model: "account", data: { ...account, createdAt: now, updatedAt: now } });
    const { token } = await internalAdapter.createSession(user.id);
    const signature = createHmac("sha256", secret).update(token).digest("base64");
    cookies.push(`better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`);
  }
  process.stdout.write(JSON.stringify(cookies), () => process.exit(0));
}
