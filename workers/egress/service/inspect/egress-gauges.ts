import { Gauge, type Registry } from 'prom-client';
import type { EgressInspection } from './inspection.ts';

/**
 * Gauges of what runs. They are written anew at each scrape, so an egress that ended leaves no series behind; labels are bounded by
 * what may run at once (egresses, six rungs, twenty destinations).
 */
export function egressGauges(registry: Registry): (running: readonly EgressInspection[]) => void {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({
      name: `openair_egress_${name}`,
      help,
      labelNames: ['egress_id', ...labelNames],
      registers: [registry],
    });

  const composedFps = gauge('composed_fps', 'pictures composed in the last second');
  const ticks = gauge('ticks_total', 'ticks of the composition clock');
  const lateTicks = gauge('late_ticks_total', 'ticks skipped or begun more than a period late');
  const cpu = gauge('cpu_cores', 'cores that the process uses, averaged over 5 s');
  const memory = gauge('resident_memory_bytes', 'resident memory of the process');
  const restarts = gauge('restarts_total', 'restarts after crashes');
  const heard = gauge('heartbeat_age_seconds', 'time since the process was last heard');
  const sources = gauge('sources', 'people and encoders in the room that send something');
  const showsSource = gauge('shows_source', '1 while a source is on air, 0 while the slate is');
  const encode = gauge('encode_seconds', 'time one picture takes in the encoder of a rung', 'rung');
  const rungOn = gauge('rung_on', '1 while the rung is encoded, 0 while it is dropped for lack of CPU', 'rung');
  const rungEncoder = gauge('rung_encoder', '1 for the encoder that makes a rung', 'rung', 'encoder');
  const queue = gauge('output_queue', 'things an output has yet to write', 'output');
  const output = gauge('output_state', '1 for the state an output is in', 'output', 'state');
  const push = gauge('push_state', '1 for the state a destination is in', 'push', 'state');
  const pushBits = gauge('push_bits_per_second', 'what a destination takes', 'push');
  const pushDropped = gauge('push_dropped_frames_total', 'pictures dropped for a destination', 'push');
  const pushRetries = gauge('push_retries_total', 'connections tried anew for a destination', 'push');
  const all = [composedFps, ticks, lateTicks, cpu, memory, restarts, heard, sources, showsSource];
  const rungs = [encode, rungOn, rungEncoder];
  const outputs = [queue, output, push, pushBits, pushDropped, pushRetries];

  return (running) => {
    for (const one of [...all, ...rungs, ...outputs]) one.reset();
    for (const egress of running) {
      const id = { egress_id: egress.egressId };
      composedFps.set(id, egress.composedFps);
      ticks.set(id, egress.ticks);
      lateTicks.set(id, egress.lateTicks);
      memory.set(id, egress.process.rssMb * 1024 * 1024);
      restarts.set(id, egress.process.restarts);
      if (egress.process.cpuCores !== null) cpu.set(id, egress.process.cpuCores);
      if (egress.heardAtMs !== null) heard.set(id, Math.max(0, Date.now() - egress.heardAtMs) / 1000);
      for (const { report } of egress.destinations) {
        if (!report) continue;
        push.set({ ...id, push: report.id, state: report.state }, 1);
        pushBits.set({ ...id, push: report.id }, report.bitrateKbps * 1000);
        pushDropped.set({ ...id, push: report.id }, report.droppedFrames);
        pushRetries.set({ ...id, push: report.id }, report.retries);
      }
      const { facts } = egress;
      if (!facts) continue;
      sources.set(id, facts.sources.length);
      showsSource.set(id, facts.shows === 'source' ? 1 : 0);
      for (const rung of facts.rungs) {
        encode.set({ ...id, rung: rung.id }, rung.encodeMs / 1000);
        rungOn.set({ ...id, rung: rung.id }, rung.on ? 1 : 0);
        rungEncoder.set({ ...id, rung: rung.id, encoder: rung.encoder }, 1);
      }
      for (const [name, one] of namedOutputs(facts.outputs)) {
        queue.set({ ...id, output: name }, one.queue);
        output.set({ ...id, output: name, state: one.state }, 1);
      }
    }
  };
}

/** Two outputs of a kind are told apart by their number, the first keeps the plain name. */
function namedOutputs<Output extends { kind: string }>(outputs: readonly Output[]): [string, Output][] {
  const seen = new Map<string, number>();
  return outputs.map((one) => {
    const count = (seen.get(one.kind) ?? 0) + 1;
    seen.set(one.kind, count);
    return [count === 1 ? one.kind : `${one.kind}-${count}`, one];
  });
}
