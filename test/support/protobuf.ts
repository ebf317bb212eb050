/**
 * How a field is read from its bytes:
 * - `bytes` gives base64 text and `hex` hexadecimal text, as OTLP's JSON form has them,
 * - `fixed64`, `sfixed64` and `int64` give decimal text,
 * - a function gives the schema of a nested message (a function, so that schemas can refer to themselves).
 */
export type FieldType =
  | 'string'
  | 'bytes'
  | 'hex'
  | 'bool'
  | 'double'
  | 'fixed64'
  | 'sfixed64'
  | 'int64'
  | 'int32'
  | (() => Schema);

/** A field: name, type, and whether it may come more than once. */
export type Field = readonly [name: string, type: FieldType, repeated?: 'repeated'];

/** The fields of a message by their numbers. Fields that it does not name are skipped. */
export type Schema = Readonly<Record<number, Field>>;

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** Reads one protobuf message into an object with the names of `schema`. Throws on a malformed one. */
export function decodeProtobuf(bytes: Buffer, schema: Schema): Record<string, unknown> {
  const reader = new Reader(bytes);
  const message: Record<string, unknown> = {};
  while (!reader.done) {
    const tag = Number(reader.varint());
    const raw = reader.value(tag & 7);
    const field = schema[tag >> 3];
    if (field) {
      const [name, type, repeated] = field;
      const values = readValues(raw, type);
      message[name] = repeated ? [...((message[name] ?? []) as unknown[]), ...values] : values[0];
    }
  }
  return message;
}

/** A value on the wire: the bytes of everything but varints. */
type RawValue = bigint | Buffer;

/** One value; more than one where a repeated field of numbers is packed into one. */
function readValues(raw: RawValue, type: FieldType): readonly unknown[] {
  if (typeof type === 'function') return [decodeProtobuf(toBuffer(raw), type())];
  const width = type === 'double' || type === 'fixed64' || type === 'sfixed64' ? 8 : 0;
  if (width > 0) {
    const bytes = toBuffer(raw);
    return Array.from({ length: bytes.length / width }, (_, index) =>
      readScalar(bytes.subarray(index * width, (index + 1) * width), type),
    );
  }
  return [readScalar(raw, type)];
}

function readScalar(raw: RawValue, type: Exclude<FieldType, () => Schema>): unknown {
  switch (type) {
    case 'string':
      return toBuffer(raw).toString('utf8');
    case 'bytes':
      return toBuffer(raw).toString('base64');
    case 'hex':
      return toBuffer(raw).toString('hex');
    case 'double':
      return toBuffer(raw).readDoubleLE();
    case 'fixed64':
      return toBuffer(raw).readBigUInt64LE().toString();
    case 'sfixed64':
      return toBuffer(raw).readBigInt64LE().toString();
    case 'bool':
      return raw !== 0n;
    case 'int64':
      return BigInt.asIntN(64, toBigInt(raw)).toString();
    default:
      return Number(BigInt.asIntN(32, toBigInt(raw)));
  }
}

function toBuffer(raw: RawValue): Buffer {
  if (typeof raw === 'bigint') throw new TypeError('protobuf: a varint where bytes were expected');
  return raw;
}

function toBigInt(raw: RawValue): bigint {
  if (typeof raw !== 'bigint') throw new TypeError('protobuf: bytes where a varint was expected');
  return raw;
}

class Reader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#position >= this.#bytes.length;
  }

  varint(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#take(1)[0] ?? 0;
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    throw new RangeError('protobuf: varint too long');
  }

  value(wireType: number): RawValue {
    switch (wireType) {
      case VARINT:
        return this.varint();
      case FIXED_64:
        return this.#take(8);
      case LENGTH_DELIMITED:
        return this.#take(Number(this.varint()));
      case FIXED_32:
        return this.#take(4);
      default:
        throw new RangeError(`protobuf: wire type ${wireType}`);
    }
  }

  #take(length: number): Buffer {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw new RangeError('protobuf: message ends too early');
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }
}
