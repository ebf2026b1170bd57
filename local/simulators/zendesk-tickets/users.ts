/** End users: made or found by their external id, and renamed. */
import * as z from "zod";
import type { Answer } from "../http.ts";
import type { DeskContact } from "../ticket-desk.ts";
import type { Account } from "./account.ts";
import { failure, invalidRecord, notFound } from "./errors.ts";

const User = z.strictObject({
  name: z.string().optional(),
  external_id: z.string().optional(),
  role: z.enum(["end-user", "agent", "admin"]).optional(),
  phone: z.string().optional(),
  email: z.string().optional(),
  skip_verify_email: z.boolean().optional(),
});
const Body = z.strictObject({ user: User });
const E164 = /^\+[1-9]\d{6,14}$/;

export function createUsers({ store, newId, endUser }: Account) {
  function shown({ id, externalId, phone }: DeskContact) {
    return { ...endUser(id), external_id: externalId ?? null, phone: phone ?? null, email: null };
  }

  return {
    createOrUpdate(json: unknown): Answer {
      const checked = Body.safeParse(json);
      if (!checked.success) return failure(400, "ParameterMissing", "Parameter user is required, as an object");
      const { name, external_id: externalId, phone } = checked.data.user;
      // The account checks numbers.
      if (phone !== undefined && !E164.test(phone))
        return invalidRecord({ phone: "Phone: is not a valid E.164 number" });
      const isSame = ({ externalId: one }: DeskContact) => one?.toLowerCase() === externalId?.toLowerCase();
      const found = externalId === undefined ? undefined : [...store.contacts.values()].find(isSame);
      if (!found && name === undefined) return invalidRecord({ name: "Name: is too short (minimum is one character)" });
      const changes = {
        ...(externalId !== undefined && { externalId }),
        ...(name !== undefined && { name }),
        ...(phone !== undefined && { phone }),
      };
      const contact = found ? Object.assign(found, changes) : store.addContact({ id: newId(), ...changes });
      return { status: found ? 200 : 201, body: { user: shown(contact) } };
    },

    update(id: string, json: unknown): Answer {
      const contact = store.contacts.get(id);
      if (!contact) return notFound;
      const checked = Body.safeParse(json);
      if (!checked.success) return failure(400, "ParameterMissing", "Parameter user is required, as an object");
      const { name } = checked.data.user;
      if (name !== undefined) contact.name = name;
      return { status: 200, body: { user: shown(contact) } };
    },
  };
}
