/** The envelope around WhatsApp's entries (shared/whatsapp-platform/payload.ts). */

import * as z from "zod/mini";
import { list, word } from "../../whatsapp-platform/payload.ts";

export const Envelope = z.object({ object: word, entry: list });
