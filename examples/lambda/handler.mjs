/**
 * Answers customers who ask for the price, inside AWS: a rule of Recado's event bus invokes it. What EventBridge delivers
 * needs no signature: only the bus can invoke the function. `detail` is the event as everywhere.
 *
 * RECADO_URL                where the API is (output ApiUrl)
 * RECADO_API_KEY_PARAMETER  the SSM SecureString that holds a key with the scope send; or RECADO_API_KEY, the key itself
 */
import { createRecado } from "../../dist/recado-client.mjs";

/** Refusals of this very answer, such as opted_out: however often it is tried, they stay. A wrong key (401, 403) can be mended. */
const FINAL = new Set([400, 404, 409, 413, 422]);

/** Once per instance of the function. */
const connecting = connect();

export async function handler({ detail: { id, data } }) {
  const recado = await connecting;
  const { content } = data.message;
  if (content.type !== "text" || !/pre[cç]o/i.test(content.text)) return;
  const answer = { content: { type: "text", text: "São 12 €." }, author: { type: "bot", name: "Prices" } };
  try {
    // EventBridge delivers at least once; under the event's id the answer goes out once. What may pass is tried again.
    await recado.send(data.conversation, answer, { idempotencyKey: id });
  } catch (error) {
    if (!FINAL.has(error.status)) throw error;
    console.error(`${id} is not answered: ${error.code}. ${error.message}`);
  }
}

async function connect() {
  const { RECADO_URL: url, RECADO_API_KEY: key, RECADO_API_KEY_PARAMETER: Name } = process.env;
  if (key) return createRecado({ url, key });
  // Lambda has the SDK.
  const { GetParameterCommand, SSMClient } = await import("@aws-sdk/client-ssm");
  const { Parameter } = await new SSMClient().send(new GetParameterCommand({ Name, WithDecryption: true }));
  return createRecado({ url, key: Parameter.Value });
}
