import { startAlertmanager, startWebhook, type NotifiedAlert, type Webhook } from './alertmanager.ts';
import { COLLECTOR_PORTS, startCollector, type Collector, type CollectorPorts } from './collector.ts';
import { JAEGER_PORTS, startJaeger, type Jaeger, type JaegerPorts } from './jaeger.ts';
import { freePorts, takenPorts } from './ports.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';

export interface StackPorts {
  readonly collector: CollectorPorts;
  readonly jaeger: JaegerPorts;
  readonly prometheus: number;
  readonly alertmanager: number;
}

/** The ports that the programs have by default. */
export const DEFAULT_PORTS: StackPorts = {
  collector: COLLECTOR_PORTS,
  jaeger: JAEGER_PORTS,
  prometheus: 9090,
  alertmanager: 9093,
};

/** Ports that are free now. */
export async function freeCollectorPorts(): Promise<CollectorPorts> {
  const [grpc = 0, http = 0, prometheus = 0, telemetry = 0, health = 0] = await freePorts(5);
  return { grpc, http, prometheus, telemetry, health };
}

/** Ports that are free now. */
export async function freeStackPorts(): Promise<StackPorts> {
  const [grpc = 0, query = 0, queryGrpc = 0, health = 0, prometheus = 0, alertmanager = 0] =
    await freePorts(6);
  return {
    collector: await freeCollectorPorts(),
    jaeger: { grpc, query, queryGrpc, health },
    prometheus,
    alertmanager,
  };
}

export interface Stack {
  readonly collector: Collector;
  readonly jaeger: Jaeger;
  readonly prometheus: Prometheus;
  readonly alertmanagerUrl: string;
  readonly webhook: Webhook;
  stop(): Promise<void>;
}

/**
 * Starts Jaeger, the Collector, Alertmanager with a webhook receiver, and Prometheus, all on loopback.
 *
 * @param options.speed - all durations of rules and intervals are divided by this.
 * @throws Error that names the ports where something listens already, since it would answer in place of what is started.
 */
export async function startStack(options: {
  readonly paths: Readonly<Record<'otelcol' | 'jaeger' | 'prometheus' | 'alertmanager', string>>;
  readonly ports: StackPorts;
  readonly folder: string;
  readonly speed?: number;
  readonly collectorEnv?: Readonly<Record<string, string>>;
  /** More overlays for the Collector beside Jaeger's. */
  readonly overlays?: readonly string[];
  readonly uiAssets?: string;
  readonly onAlert?: (alert: NotifiedAlert) => void;
}): Promise<Stack> {
  const { paths, ports, folder, speed = 1 } = options;
  const taken = await takenPorts(named(ports));
  if (taken.length > 0) throw new Error(`ports in use: ${taken.join(', ')}. Does another stack run?`);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    const webhook = await startWebhook(options.onAlert);
    stops.push(() => webhook.close());
    const jaeger = await startJaeger({
      path: paths.jaeger,
      ports: ports.jaeger,
      folder,
      prometheusUrl: `http://127.0.0.1:${ports.prometheus}`,
      ...(options.uiAssets === undefined ? {} : { uiAssets: options.uiAssets }),
    });
    stops.push(() => jaeger.program.stop());
    const collector = await startCollector({
      path: paths.otelcol,
      configs: ['base.yaml', 'backends/jaeger.yaml', ...(options.overlays ?? [])],
      ports: ports.collector,
      folder,
      env: { JAEGER_ENDPOINT: jaeger.otlp, ...options.collectorEnv },
    });
    stops.push(() => collector.program.stop());
    const alertmanager = await startAlertmanager({
      path: paths.alertmanager,
      port: ports.alertmanager,
      folder,
      webhook: webhook.url,
      speed,
    });
    stops.push(() => alertmanager.program.stop());
    const prometheus = await startPrometheus({
      path: paths.prometheus,
      port: ports.prometheus,
      folder,
      collectors: [
        {
          exported: `127.0.0.1:${ports.collector.prometheus}`,
          telemetry: `127.0.0.1:${ports.collector.telemetry}`,
        },
      ],
      alertmanager: alertmanager.address,
      speed,
    });
    stops.push(() => prometheus.program.stop());
    return { collector, jaeger, prometheus, alertmanagerUrl: alertmanager.url, webhook, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function named({ collector, jaeger, prometheus, alertmanager }: StackPorts): Record<string, number> {
  return {
    ...prefixed('Collector', collector),
    ...prefixed('Jaeger', jaeger),
    Prometheus: prometheus,
    Alertmanager: alertmanager,
  };
}

function prefixed(program: string, ports: CollectorPorts | JaegerPorts): Record<string, number> {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [`${program}: ${name}`, port]));
}
