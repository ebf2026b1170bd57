/**
 * Receives Recado's webhooks with nothing but Node, and answers customers who ask for the price.
 *
 * WEBHOOK_SECRET  of the subscription, or of `npx recado listen`: whsec_…
 * RECADO_URL      default http://localhost:3000
 * RECADO_API_KEY  with the scope send; default local-api-key
 * PORT            default 4000
 */
import { createServer } from "node:http";
import { createRecado, RecadoError, verifyWebhook } from "../../dist/recado-client.mjs";

const { WEBHOOK_SECRET = "", RECADO_URL = "http://localhost:3000", RECADO_API_KEY = "local-api-key" } = process.env;
const recado = createRecado({ url: RECADO_URL, key: RECADO_API_KEY });

/** Refusals of this very answer, such as opted_out: however often it is tried, they stay. A wrong key (401, 403) can be mended. */
const FINAL = new Set([400, 404, 409, 413, 422]);

/** In Express: app.post("/", express.raw({ type: () => true }), (request, response) => …), with request.body as bytes. */
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  try {
    const event = await verifyWebhook(request.headers, bytes, WEBHOOK_SECRET);
    await onEvent(event);
    response.writeHead(204).end();
  } catch (error) {
    const isRefused = error instanceof RecadoError && error.code === "webhook_refused";
    console.error(error.message);
    // Anything but a 2xx, and the event comes again; 401 is for whoever is not Recado.
    response.writeHead(isRefused ? 401 : 503).end();
  }
});

async function onEvent({ id, type, data }) {
  if (type !== "message.received" || data.message.content.type !== "text") return;
  console.log(`${data.message.author.name ?? "A customer"} writes: ${JSON.stringify(data.message.content.text)}`);
  if (!/pre[cç]o/i.test(data.message.content.text)) return;
  const answer = { content: { type: "text", text: "São 12 €." }, author: { type: "bot", name: "Prices" } };
  try {
    // The event may come twice; under its id the answer goes out once.
    await recado.send(data.conversation, answer, { idempotencyKey: id });
  } catch (error) {
    if (!FINAL.has(error.status)) throw error;
    // Taken all the same: while an event comes again, what is behind it in the conversation waits.
    console.error(`${id} is not answered: ${error.code}. ${error.message}`);
  }
}

server.listen(Number(process.env.PORT ?? 4000), "127.0.0.1", () =>
  console.log(`Listening on ${server.address().port}`),
);
