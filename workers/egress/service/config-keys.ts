/**
 * Every key egress.yaml may hold. LiveKit drops unknown keys in silence; here they stop the start, because a setting somebody wrote and
 * nobody reads is a fault. Source of LiveKit's keys: LiveKit egress v1.14.1 `pkg/config`.
 */
type KeyTree = { [key: string]: 'used' | 'ignored' | KeyTree };

const S3: KeyTree = {
  access_key: 'used',
  secret: 'used',
  region: 'used',
  endpoint: 'used',
  bucket: 'used',
  force_path_style: 'used',
  session_token: 'used',
  proxy_config: 'ignored',
  max_retries: 'ignored',
  max_retry_delay: 'ignored',
  min_retry_delay: 'ignored',
  assume_role_arn: 'ignored',
  assume_role_external_id: 'ignored',
};

export const EGRESS_KEYS: KeyTree = {
  api_key: 'used',
  api_secret: 'used',
  ws_url: 'used',
  redis: {
    address: 'used',
    username: 'used',
    password: 'used',
    db: 'used',
    use_tls: 'used',
    dial_timeout: 'ignored',
    read_timeout: 'ignored',
    write_timeout: 'ignored',
    pool_size: 'ignored',
  },
  health_port: 'used',
  prometheus_port: 'used',
  logging: { level: 'used', json: 'ignored', component_levels: 'ignored', sample: 'ignored' },
  storage: { prefix: 'used', s3: S3, generate_presigned_url: 'used' },
  backup: { s3: S3, prefix: 'ignored', generate_presigned_url: 'ignored' },
  cpu_cost: {
    max_cpu_utilization: 'used',
    room_composite_cpu_cost: 'used',
    audio_room_composite_cpu_cost: 'used',
    participant_cpu_cost: 'used',
    web_cpu_cost: 'used',
    audio_web_cpu_cost: 'used',
    track_composite_cpu_cost: 'used',
    track_cpu_cost: 'used',
    max_memory: 'ignored',
    memory_cost: 'ignored',
    memory_source: 'ignored',
    memory_kill_grace_sec: 'ignored',
    cpu_kill_grace_sec: 'ignored',
  },
  session_limits: {
    stream_output_max_duration: 'used',
    segment_output_max_duration: 'used',
    file_output_max_duration: 'used',
    image_output_max_duration: 'used',
    file_output_max_size: 'used',
  },
  template_base: 'ignored',
  template_port: 'ignored',
  cluster_id: 'ignored',
  node_id: 'ignored',
  debug_handler_port: 'ignored',
  max_upload_queue: 'ignored',
  disallow_local_storage: 'ignored',
  io_create_timeout: 'ignored',
  io_update_timeout: 'ignored',
  io_workers: 'ignored',
  insecure: 'ignored',
  chrome_flags: 'used',
  max_pulse_clients: 'ignored',
  latency: 'ignored',
  latency_overrides: 'ignored',
  enable_sync_engine: 'ignored',
  audio_tempo_controller: 'ignored',
  enable_chrome_sandbox: 'used',
  enable_room_composite_sdk_source: 'ignored',
  s3_assume_role_key: 'ignored',
  s3_assume_role_secret: 'ignored',
  s3_assume_role_arn: 'ignored',
  s3_assume_role_external_id: 'ignored',
  debug: 'ignored',
  openair: {
    chromium: 'used',
    page_memory_mb: 'used',
    bind: 'used',
    development: 'used',
    max_load: 'used',
    max_egresses: 'used',
    seats_cpu_cost: 'used',
    part_ms: 'used',
    drain_timeout: 'used',
    allow_targets: 'used',
    own_ports: 'used',
    spare_process: 'used',
    spool_folder: 'used',
    spool_mb: 'used',
    video_encoders: 'used',
    video_device: 'used',
    x264_preset: 'used',
  },
};

/** Number of single-character edits between two words. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function nearest(key: string, known: string[]): string | null {
  const [best] = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(2, Math.floor(key.length / 2)) ? best.name : null;
}

export type KeyFindings = { problems: string[]; ignored: string[] };

/** Walks a parsed file against the known keys: what is unknown (with the nearest name), and what has no meaning here. */
export function checkKeys(raw: unknown, tree: KeyTree = EGRESS_KEYS, path = ''): KeyFindings {
  const findings: KeyFindings = { problems: [], ignored: [] };
  if (raw === null || raw === undefined) return findings;
  if (typeof raw !== 'object' || Array.isArray(raw)) {
    findings.problems.push(`${path || 'the file'}: must be a block of keys`);
    return findings;
  }
  for (const [key, value] of Object.entries(raw)) {
    const at = path ? `${path}.${key}` : key;
    const known = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (known === undefined) {
      const hint = nearest(key, Object.keys(tree));
      findings.problems.push(`${at}: is no known key${hint ? `; did you mean ${hint}?` : ''}`);
    } else if (known === 'ignored') {
      findings.ignored.push(at);
    } else if (known !== 'used') {
      const inner = checkKeys(value, known, at);
      findings.problems.push(...inner.problems);
      findings.ignored.push(...inner.ignored);
    }
  }
  return findings;
}
