import type { PrintEvent } from '../../feeds/fingerprints/mod.ts';
import type { EventBus } from './events.ts';

/** Tells what a cut says of machines. */
export function tellPrint(event: PrintEvent, bus: EventBus): void {
  if (event.type === 'attested') {
    const { attested: { executor, profile, prefill, decode, until, by } } = event;
    bus.emit('attested', { executor, profile, prefill, decode, until, by: [...by] });
  } else if (event.type === 'claim-contradicted') {
    const { executor, profile, figures, by } = event;
    bus.emit('claim-contradicted', { executor, profile, figures: [...figures], by: [...by] });
  } else if (event.type === 'speed-class-changed') {
    const { executor, profile, figures } = event;
    bus.emit('speed-class-changed', { executor, profile, figures: [...figures] });
  }
}
