/**
 * What Recado is measured beside: Vercel's `chat` with its WhatsApp adapter and its memory state. Installed into a folder
 * of its own at the first run, at the versions of `bench/package-lock.json`.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const stamp = `${folder}node_modules/.installed-lock`;

/** @throws Error with a sentence for whoever runs the benchmark when the packages cannot be had */
export function installPeers(): void {
  const wanted = createHash("sha256")
    .update(readFileSync(`${folder}package-lock.json`))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error("Installing what Recado is measured beside (once) …");
  const { status, stderr } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) {
    throw new Error(
      `The packages in bench/package.json could not be installed. The first run needs the network, later ones do not.\n${stderr ?? ""}`,
    );
  }
  writeFileSync(stamp, wanted);
}

/** The part of `chat` that is used here; its own types are there only once it is installed. */
interface ChatModule {
  Chat: new (options: {
    userName: string;
    adapters: Record<string, unknown>;
    state: unknown;
    concurrency: "concurrent";
    logger: "silent";
  }) => {
    initialize(): Promise<void>;
    onDirectMessage(handler: () => Promise<void>): void;
    webhooks: Record<string, Webhook | undefined>;
  };
}
type Webhook = (request: Request, options: { waitUntil(task: Promise<unknown>): void }) => Promise<Response>;
interface AdapterModule {
  createWhatsAppAdapter(options: Record<string, unknown>): unknown;
}
interface StateModule {
  createMemoryState(): unknown;
}

export interface Peer {
  /** Resolves when the webhook is answered and its handler has run. */
  receive(request: Request): Promise<Response>;
  /** How often the handler was called. */
  handled(): number;
}

/** A bot that only counts, through the peer's public API; `concurrent` is its one strategy that drops nothing. */
export async function startPeer(secrets: {
  appSecret: string;
  verifyToken: string;
  phoneNumberId: string;
}): Promise<Peer> {
  const { Chat } = (await load("chat")) as ChatModule;
  const { createWhatsAppAdapter } = (await load("@chat-adapter/whatsapp")) as AdapterModule;
  const { createMemoryState } = (await load("@chat-adapter/state-memory")) as StateModule;
  const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
  const bot = new Chat({
    userName: "bench",
    adapters: { whatsapp: createWhatsAppAdapter({ ...secrets, accessToken: "bench", logger: silent }) },
    state: createMemoryState(),
    concurrency: "concurrent",
    logger: "silent",
  });
  await bot.initialize();
  let count = 0;
  bot.onDirectMessage(async () => {
    count += 1;
  });
  const webhook = bot.webhooks.whatsapp;
  if (!webhook) throw new Error("The peer has no webhook for WhatsApp");
  return {
    async receive(request) {
      const tasks: Promise<unknown>[] = [];
      const response = await webhook(request, { waitUntil: (task) => void tasks.push(task) });
      await Promise.all(tasks);
      return response;
    },
    handled: () => count,
  };
}

/** By a name that the compiler does not look up. */
async function load(name: string): Promise<unknown> {
  return import(name);
}

/** Entry of a bundle that holds what such a bot needs, for its size and start-up. */
export const PEER_ENTRY = [
  `import { Chat } from "./bench/node_modules/chat";`,
  `import { createWhatsAppAdapter } from "./bench/node_modules/@chat-adapter/whatsapp";`,
  `import { createMemoryState } from "./bench/node_modules/@chat-adapter/state-memory";`,
  `const secrets = { accessToken: "a", appSecret: "b", verifyToken: "c", phoneNumberId: "1" };`,
  `const adapters = { whatsapp: createWhatsAppAdapter(secrets) };`,
  `const bot = new Chat({ userName: "bench", adapters, state: createMemoryState(), logger: "silent" });`,
  `export const handler = (request) => bot.webhooks.whatsapp(request);`,
].join("\n");
