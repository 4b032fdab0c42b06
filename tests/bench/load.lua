-- Sends the requests of a file, each as its length in eight digits and its bytes, over and over,
-- and prints what came of it as JSON. For wrk: `wrk -s load.lua URL -- FILE`.

local requests = {}
local next_one = 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local length = file:read(8)
  while length do
    requests[#requests + 1] = file:read(tonumber(length))
    length = file:read(8)
  end
  file:close()
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "p99": %d, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
