import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON, which the JDK does not: maps, lists, texts, numbers as doubles, true, false and null. */
final class Json {
    private static final int MOST_DEPTH = 32;
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Throws an IllegalArgumentException for what is none. */
    static Object read(String text) {
        Json reader = new Json(text);
        Object value = reader.value(0);
        if (reader.next() != 0) throw reader.refused();
        return value;
    }

    private Object value(int depth) {
        if (depth > MOST_DEPTH) throw refused();
        char first = next();
        if (first == '{') return object(depth);
        if (first == '[') return list(depth);
        if (first == '"') return string();
        for (Object word : new Object[] {"true", "false", "null"}) {
            if (!text.startsWith((String) word, at)) continue;
            at += ((String) word).length();
            return word.equals("null") ? null : word.equals("true");
        }
        int begin = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
        // A NumberFormatException is an IllegalArgumentException.
        return Double.valueOf(text.substring(begin, at));
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        take('{');
        if (next() == '}') return end('}', members);
        do {
            if (next() != '"') throw refused();
            String name = string();
            take(':');
            // Which of two counts is nobody's guess.
            if (members.containsKey(name)) throw refused();
            members.put(name, value(depth + 1));
        } while (goesOn());
        return end('}', members);
    }

    private List<Object> list(int depth) {
        List<Object> items = new ArrayList<>();
        take('[');
        if (next() == ']') return end(']', items);
        do items.add(value(depth + 1)); while (goesOn());
        return end(']', items);
    }

    private String string() {
        StringBuilder read = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            char letter = text.charAt(at);
            if (letter < ' ') throw refused();
            if (letter != '\\') read.append(letter);
            else read.append(escaped());
        }
        return end('"', read.toString());
    }

    private char escaped() {
        if (++at >= text.length()) throw refused();
        char letter = text.charAt(at);
        if (letter == 'u') {
            if (at + 4 >= text.length()) throw refused();
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
        }
        int known = "\"\\/bfnrt".indexOf(letter);
        if (known < 0) throw refused();
        return "\"\\/\b\f\n\r\t".charAt(known);
    }

    private boolean goesOn() {
        if (next() != ',') return false;
        at++;
        return true;
    }

    /** The next letter that is no space; 0 at the end. */
    private char next() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void take(char letter) {
        if (next() != letter) throw refused();
        at++;
    }

    private <Value> Value end(char letter, Value value) {
        if (at >= text.length() || text.charAt(at) != letter) throw refused();
        at++;
        return value;
    }

    private IllegalArgumentException refused() {
        return new IllegalArgumentException("no JSON at " + at);
    }
}
