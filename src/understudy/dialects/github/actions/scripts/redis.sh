# supercharge/redis-github-action: starts the room's own Redis server, which ends with the job.

command -v redis-server >/dev/null 2>&1 || refuse "This room has no redis-server to start." \
  "Use an image that has one, or give the job a service (\`services: redis: image: redis\`)."
own=$(redis-server --version | sed -n 's/.*v=\([0-9.]*\).*/\1/p')
case $INPUT_REDIS_VERSION in
  "" | latest | "${own%%.*}" | "${own%%.*}".* | "${own%%.*}"-*) ;;
  *) echo "::warning::Redis $INPUT_REDIS_VERSION is asked for, and this room has $own" ;;
esac
port=${INPUT_REDIS_PORT:-6379}
redis-server --port "$port" --save '' --dir "$temporary" ${INPUT_REDIS_PASSWORD:+--requirepass "$INPUT_REDIS_PASSWORD"} \
  </dev/null >"$temporary/understudy-redis.log" 2>&1 &
left=100
until redis-cli -p "$port" ${INPUT_REDIS_PASSWORD:+-a "$INPUT_REDIS_PASSWORD"} ping 2>/dev/null | grep -q PONG; do
  left=$((left - 1))
  [ "$left" -gt 0 ] || refuse "Redis did not start: $(tail -n 1 "$temporary/understudy-redis.log")"
  sleep 0.1
done
echo "Redis $own listens on port $port"
