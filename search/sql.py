"""The part of the index that lives in the database."""

# A walk from the newest numbers to the oldest that ends when it has found enough. Each step asks the index for one
# block: the two newest blocks of 32,768 numbers, which for a common word is already the end, then blocks of 1,048,576.
# So a word that half of all records hold costs about as much as a rare one, and "the newest" is exact.
#
# Who asks only whether a word is common says how many hits in the newest blocks are `dense`, and the walk ends there.
# A word of one character is the prefix of many lexemes, and the index reads the lists of all of them whatever the
# block; so the newest entries are tested one by one first, eight for each hit that is dense, at some 3 µs each.
SEARCH_NEWEST = """
CREATE OR REPLACE FUNCTION search_newest(wanted_kind text, wanted tsquery, cap integer, dense integer)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    newest bigint := (SELECT max(object_id) FROM search_entry WHERE kind = wanted_kind);
    below bigint := newest + 1;  -- numbers from here upwards are done
    step integer := 0;
    total integer := 0;
    found integer;
    block bigint;
    block_lexeme text;
    block_start bigint;
BEGIN
    IF dense < cap AND wanted::text LIKE '%:*%' THEN
        below := newest - dense * 8;
        RETURN QUERY
            SELECT object_id FROM search_entry
            WHERE kind = wanted_kind AND object_id >= below AND (vector @@ wanted) IS TRUE
            ORDER BY object_id DESC LIMIT cap;
        GET DIAGNOSTICS total = ROW_COUNT;
    END IF;
    WHILE below > 0 AND total < cap AND NOT (total >= dense AND step IN (0, 2)) LOOP
        IF step < 2 THEN
            block := (newest >> 15) - step;
            block_start := block << 15;
            block_lexeme := format('K%s/%s', wanted_kind, block);
        ELSE
            block := (below - 1) >> 20;
            block_start := block << 20;
            block_lexeme := format('K%s//%s', wanted_kind, block);
        END IF;
        RETURN QUERY
            SELECT object_id FROM search_entry
            WHERE vector @@ (wanted && quote_literal(block_lexeme)::tsquery) AND object_id < below
            ORDER BY object_id DESC LIMIT cap - total;
        GET DIAGNOSTICS found = ROW_COUNT;
        total := total + found;
        below := least(below, block_start);
        step := step + 1;
    END LOOP;
END
$$
"""
DROP_SEARCH_NEWEST = "DROP FUNCTION search_newest(text, tsquery, integer, integer)"

# Without statistics the planner takes a small share for every question and so always uses the index. With them it
# multiplies the shares of a phrase's lexemes as if they were independent and reads the whole table when it should not.
NO_STATISTICS = "ALTER TABLE search_entry ALTER vector SET STATISTICS 0"
STATISTICS = "ALTER TABLE search_entry ALTER vector SET STATISTICS -1"
