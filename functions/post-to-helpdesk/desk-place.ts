/** Where and by what means a desk's own code says something: the ticket, the conversation as it shows it, the files. */
import { eventKey, newToken } from "../../shared/domain/ids.ts";
import { linkCode } from "../../shared/domain/media-link.ts";
import type { DeskConversation } from "../../shared/domain/telling.ts";
import type { Desk, Place } from "../../shared/helpdesks/helpdesk.ts";
import { conversationOf } from "./conversation-view.ts";
import type { At, DeskMemory } from "./desk-memory.ts";
import type { Ports } from "./ports.ts";

const LINK_SECONDS = 3_600;
const CLOCKS_APART_MS = 60_000;

export interface Places {
  at(at: At, isRepeated?: boolean): Promise<Place>;
  /** What leads a person to a file: for seven days, without credentials. */
  linkOf(): Promise<(id: string) => string>;
}

export function placesOf(log: string, reached: Desk, memory: DeskMemory, ports: Ports): Places {
  const { desk, tickets, mailbox, clock, random, files, linksUrl, http } = ports;
  let seen: { at: number; conversation: DeskConversation } | undefined;

  async function shown({ last }: At): Promise<DeskConversation> {
    if (seen?.at !== last.sequence)
      seen = { at: last.sequence, conversation: await conversationOf({ log, entry: last, ports }) };
    return seen.conversation;
  }

  /** Both ways, and in the log, before anything else is asked of the desk. */
  async function link(ticket: string, { entry: { account, channel } }: At): Promise<void> {
    await tickets.linkTicket(desk.name, ticket, log);
    await mailbox.deliver([
      {
        log,
        key: eventKey(await ports.idSecret(), account, `${desk.name}#${ticket}#linked`),
        token: newToken(random),
        type: "helpdesk.linked",
        account,
        channel,
        at: { received: clock.now() },
        data: { helpdesk: desk.name, ticket },
      },
    ]);
  }

  return {
    async at(at, isRepeated = false) {
      const { id, kept, previous } = memory.state;
      const place: Place = {
        desk: reached,
        conversation: await shown(at),
        ticket: { kept, ...(id !== undefined && { id }) },
        ...(id === undefined && previous && { follows: previous }),
        isRepeated,
        async keep({ id: ticket, kept: learnt }) {
          const { state } = memory;
          if (ticket !== undefined && ticket !== state.id) await link(ticket, at);
          // Tickets that agents merge have another id from then on, and are not new.
          const isNew = ticket !== undefined && state.id === undefined;
          memory.change({
            kept: { ...state.kept, ...learnt },
            ...(ticket !== undefined && { id: ticket }),
            // As early as it may have been: an answer of the desk's that was lost is found long after its agents have begun.
            ...(isNew && { openedAt: at.entry.at.recorded - CLOCKS_APART_MS, openedBy: at.entry.sequence }),
          });
          await memory.save();
          const now = memory.state;
          place.ticket = { kept: now.kept, ...(now.id !== undefined && { id: now.id }) };
        },
        http,
        now: clock.now(),
        files: {
          read: (file) => files.read(file),
          link: ({ id: file, fileName }) => {
            const disposition = `attachment; filename="${plain(fileName)}"`;
            return files.linkToRead(file, { seconds: LINK_SECONDS, disposition });
          },
        },
      };
      return place;
    },
    async linkOf() {
      const secret = await ports.idSecret();
      return (id) => `${linksUrl}/${linkCode(secret, id, clock.now())}`;
    },
  };
}

function plain(fileName: string): string {
  return fileName.replace(/[^\x20-\x7e]|["\\%/]/g, "_");
}
