/** One export, ready to be sent. Plain data, so that it can go to another thread. */
export interface Letter {
  readonly url: string;
  /** The method, where it goes over gRPC. */
  readonly rpc?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly tls: TlsMaterial;
  readonly body: Uint8Array;
}

/** What `OTEL_EXPORTER_OTLP_CERTIFICATE` and its like point to. */
export interface TlsMaterial {
  readonly ca?: string | Uint8Array | readonly string[];
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
}

/** How one try to send a letter ended. */
export type Delivery =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** `ECONNREFUSED`, `timeout`, `503`, … */
      readonly reason: string;
      readonly retryable: boolean;
      /** Milliseconds that the receiver asks to wait. */
      readonly retryAfter?: number;
    };
