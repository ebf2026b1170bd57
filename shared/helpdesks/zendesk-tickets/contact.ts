/** The customer as Zendesk's end user: what is said in their name, and who asked for the ticket. */
import { type Failed, harmless, type Refusal } from "../ask.ts";
import type { Place } from "../helpdesk.ts";
import { OneUser } from "./answers.ts";
import type { Api } from "./api.ts";
import type { Secrets, Settings } from "./settings.ts";

type Found = { kind: "found"; id: number };

/**
 * The user's id, kept or asked for. The contact's own id is the external id, so that a second time finds the same user.
 * Never with an address for mail: Zendesk would write to it.
 * @param isKept false: what is kept is not believed
 */
export async function endUser(
  { ticket, conversation, keep }: Place<Settings, Secrets>,
  api: Api,
  isKept = true,
): Promise<Found | Refusal> {
  const { requester } = ticket.kept;
  if (requester !== undefined && isKept) return { kind: "found", id: Number(requester) };
  const { id, name, phone, address } = conversation.customer;
  const user = { external_id: id, name: name ?? phone ?? address, role: "end-user", skip_verify_email: true };
  const write = (json: object) => api({ method: "POST", path: "/users/create_or_update", json: { user: json } });
  let answer = await write({ ...user, ...(phone !== undefined && { phone }) });
  // An account may check numbers, or want each for one user alone.
  if (!answer.isOk && answer.status === 422 && phone !== undefined) answer = await write(user);
  if (!answer.isOk) return harmless(answer.outcome);
  const { data } = OneUser.safeParse(answer.json);
  if (!data) return { kind: "unavailable", detail: "no user in the answer" };
  await keep({ kept: { requester: data.user.id } });
  return { kind: "found", id: Number(data.user.id) };
}

/** Their name, as it is known now. */
export async function rename(requester: string, name: string, api: Api): Promise<{ isOk: true } | Failed> {
  return api({ method: "PUT", path: `/users/${encodeURIComponent(requester)}`, json: { user: { name } } });
}
